"""A ledger moves from one Redis into a cluster, and back, with every kind of key."""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import closing
from typing import Any

import pytest
import redis
from click.testing import CliRunner, Result

from fallback.cli.main import main
from fallback.domain.order.order import Queue
from fallback.ledger.redis import keys
from fallback.ledger.redis.copying import Copying
from tests.ledger.clusters import Cluster
from tests.ledger.redis.test_lives import do_all_that_ends_by_itself
from tests.ledger.world import a_container, accepted
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


def everything(client: redis.Redis) -> dict[bytes, Any]:
    return {key: READ[client.type(key)](client, key) for key in client.scan_iter()}


def copied(source: str, target: str) -> Result:
    return CliRunner().invoke(main, ["ledger", "copy", target], env=environment(a_config(redis_url=source)))


def test_every_key_is_in_the_copy_with_its_value_and_its_life(
    redis_server: RedisServer, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_container(redis_server.url)
    do_all_that_ends_by_itself(old, monkeypatch)
    order = accepted(old.ledger)
    old.bells.ring(Queue.PAYMENT)
    redis_server.client.delete(keys.lease("clock"))
    redis_server.client.sadd(keys.RECOUNTS, "incident-1")

    assert copied(redis_server.url, cluster.url).output.startswith("Copied: ")

    before, after = everything(redis_server.client), everything(cluster.client)
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
    assert "the new ledger is not empty" in result.output.lower()
    assert cluster.client.get("mode") == b"{}"


def test_a_ledger_that_changes_meanwhile_is_not_copied_and_the_next_copy_is_whole(
    redis_server: RedisServer, cluster: Cluster, monkeypatch: pytest.MonkeyPatch
) -> None:
    old = a_container(redis_server.url)
    accepted(old.ledger)
    read = Copying.keys

    def somebody_orders(self: Copying) -> Iterator[bytes]:
        yield from read(self)
        accepted(old.ledger)

    with monkeypatch.context() as patch:
        patch.setattr(Copying, "keys", somebody_orders)
        result = copied(redis_server.url, cluster.url)
    assert (result.exit_code, "written to meanwhile" in result.output) == (2, True)
    assert "a copy that is not whole" in a_container(cluster.url).readiness.problems()[0]
    cluster.client.set("stray", 1)
    assert copied(redis_server.url, cluster.url).exit_code == 0
    assert everything(cluster.client) == everything(redis_server.client)
    assert a_container(cluster.url).readiness.problems() == ()


def test_a_ledger_is_copied_to_another_database_of_its_redis(redis_server: RedisServer) -> None:
    old = a_container(redis_server.url)
    order = accepted(old.ledger)
    there = redis_server.url.removesuffix("/0") + "/5"
    assert copied(redis_server.url, there).output.startswith("Copied: ")
    assert a_container(there).ledger.load(order.ref) == order
