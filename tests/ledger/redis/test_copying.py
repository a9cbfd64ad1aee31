"""A ledger moves from one Redis into a cluster, and back, with every kind of key."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from functools import partial
from typing import Any

import pytest
import redis
from click.testing import CliRunner, Result
from redis.client import Pipeline

from fallback.bootstrap.container import Container
from fallback.cli.main import main
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode, ModeState
from fallback.ledger.redis import copying as copyings
from fallback.ledger.redis import keys
from fallback.ledger.redis.copying import Copying
from fallback.runtime.redis_connection import connect
from tests.builders import NOW
from tests.ledger.clusters import Cluster
from tests.ledger.redis.test_lives import do_all_that_ends_by_itself
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

pytestmark = pytest.mark.usefixtures("logs_as_before")
READ = {
    b"string": lambda client, key: client.get(key),
    b"hash": lambda client, key: client.hgetall(key),
    b"list": lambda client, key: client.lrange(key, 0, -1),
    b"set": lambda client, key: client.smembers(key),
    b"zset": lambda client, key: client.zrange(key, 0, -1, withscores=True),
}


@pytest.fixture(scope="module")
def _cluster(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Cluster]:
    with closing(Cluster(tmp_path_factory.mktemp("cluster"), primaries=1, replicas=0)) as running:
        yield running


@pytest.fixture
def cluster(_cluster: Cluster) -> Cluster:
    _cluster.empty()
    return _cluster


@pytest.fixture
def beside(redis_server: RedisServer) -> str:
    return fifth(redis_server.url)


def fifth(url: str) -> str:
    """Another database of the same Redis."""
    return url.removesuffix("/0") + "/5"


def everything(client: redis.Redis) -> dict[bytes, Any]:
    return {key: READ[client.type(key)](client, key) for key in client.scan_iter()}


def without_bells(client: redis.Redis) -> redis.Redis:
    """They live for two seconds: some would end between two looks."""
    for queue in Queue:
        client.delete(keys.bell(queue))
    return client


def copied(source: str, target: str) -> Result:
    without_bells(connect(source))
    return CliRunner().invoke(main, ["ledger", "copy", target], env=environment(a_config(redis_url=source)))


def test_every_key_is_in_the_copy_with_its_value_and_its_life(
    redis_server: RedisServer, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_container(redis_server.url)
    do_all_that_ends_by_itself(old, monkeypatch)
    order = accepted(old.ledger)
    redis_server.client.delete(keys.lease("clock"))
    redis_server.client.sadd(keys.RECOUNTS, "incident-1")

    said = copied(redis_server.url, cluster.url).output

    before, after = everything(redis_server.client), everything(cluster.client)
    assert said.startswith(f"Copied: {len(after)} keys.")
    assert after == {key: value for key, value in before.items() if not key.startswith(b"rq:")}
    for key in after:
        lives, lived = cluster.client.pttl(key), redis_server.client.pttl(key)
        assert (lives > 0) == (lived > 0), key
        assert abs(lives - lived) < 60_000, key
    moved = a_container(cluster.url)
    assert moved.ledger.load(order.ref) == order
    assert moved.ledger.replay(f"key-{order.ref}", "print")
    assert accepted(moved.ledger).ref in {each.ref for each in moved.views.page().rows}
    assert list(moved.verification().differences(moved.verification().keys())) == []


def test_no_copy_is_made_while_processes_run_or_over_another_ledger(
    redis_server: RedisServer, cluster: Cluster
) -> None:
    old = a_container(redis_server.url)
    accepted(old.ledger)
    redis_server.client.set(keys.lease("clock"), "web-1", px=5000)
    assert "two minutes ago: clock. Stop web, worker and clock." in copied(redis_server.url, cluster.url).output
    redis_server.client.delete(keys.lease("clock"))
    cluster.client.set("mode", "{}")
    assert (result := copied(redis_server.url, cluster.url)).exit_code == 2
    assert result.output == "Error: The new ledger is not empty.\n"
    assert cluster.client.get("mode") == b"{}"


def copied_meanwhile(source: str, target: str, act: Callable[[], object]) -> Result:
    read = Copying.keys

    def keys_and_then_it_happens(self: Copying) -> Iterator[bytes]:
        yield from read(self)
        act()

    with pytest.MonkeyPatch.context() as patch:
        patch.setattr(Copying, "keys", keys_and_then_it_happens)
        return copied(source, target)


def orders(old: Container) -> None:
    accepted(old.ledger)


def tries_it_out(old: Container) -> None:
    accepted(old.ledger, a_new_order(drill=True))


def switches(old: Container) -> None:
    old.modes.switch(ModeState(Mode.ACTIVE, NOW, "Ada", "the payment page is down"))


@pytest.mark.parametrize("act", [orders, switches])
def test_a_ledger_that_changes_meanwhile_is_not_copied_and_the_next_copy_is_whole(
    redis_server: RedisServer, cluster: Cluster, act: Callable[[Container], None]
) -> None:
    old = a_container(redis_server.url)
    accepted(old.ledger)
    result = copied_meanwhile(redis_server.url, cluster.url, partial(act, old))
    assert result.exit_code == 2
    assert result.output.startswith(
        "Error: The ledger was written to meanwhile, or another database of its Redis: stop web, worker and clock"
    )
    assert "a copy that is not whole" in a_container(cluster.url).readiness.problems()[0]
    cluster.client.set("stray", 1)
    assert copied(redis_server.url, cluster.url).exit_code == 0
    assert everything(cluster.client) == everything(redis_server.client)
    assert a_container(cluster.url).readiness.problems() == ()


@pytest.mark.parametrize("act", [orders, tries_it_out])
def test_a_ledger_is_copied_to_another_database_of_its_redis_while_nobody_orders(
    redis_server: RedisServer, beside: str, act: Callable[[Container], None]
) -> None:
    old = a_container(redis_server.url)
    order = accepted(old.ledger)
    assert "written to meanwhile" in copied_meanwhile(redis_server.url, beside, partial(act, old)).output
    assert copied(redis_server.url, beside).output.startswith("Copied: ")
    assert a_container(beside).ledger.load(order.ref) == order


def test_a_large_ledger_goes_over_a_page_at_a_time(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(copyings, "PAGE", 2)
    accepted(a_container(redis_server.url).ledger)
    old, new = without_bells(redis_server.client), connect(fifth(redis_server.admin_url))
    copying = Copying(old, new)

    def each() -> Iterator[bytes]:
        for number, key in enumerate(copying.keys()):
            assert new.dbsize() == number // 2 * 2
            yield key

    copying.copy(each())
    assert everything(new) == everything(old)


def test_a_key_that_redis_lists_twice_is_in_the_copy_once(redis_server: RedisServer) -> None:
    """SCAN may do so."""
    accepted(a_container(redis_server.url).ledger)
    old, new = without_bells(redis_server.client), connect(fifth(redis_server.admin_url))
    copying = Copying(old, new)
    copying.copy([*copying.keys(), *copying.keys()])
    assert everything(new) == everything(old)


def test_a_ledger_whose_memory_is_full_is_copied_to_one_with_room(mortal_redis: RedisServer, cluster: Cluster) -> None:
    order = accepted(a_container(mortal_redis.url).ledger)
    mortal_redis.client.config_set("maxmemory", 1)
    assert copied(mortal_redis.url, cluster.url).output.startswith("Copied: ")
    assert a_container(cluster.url).ledger.load(order.ref) == order


def test_a_redis_that_cannot_read_what_the_old_one_wrote_is_named(
    redis_server: RedisServer, beside: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    accepted(a_container(redis_server.url).ledger)
    restore = Pipeline.restore

    def of_a_newer_release(pipeline: Pipeline, name: str, life: int, value: bytes, **how: Any) -> Any:
        return restore(pipeline, name, life, value[:-10] + b"\xff" * 10, **how)

    monkeypatch.setattr(Pipeline, "restore", of_a_newer_release)
    result = copied(redis_server.url, beside)
    assert (result.exit_code, "is it older? (" in result.output, "DUMP payload version" in result.output) == (
        2,
        True,
        True,
    )
