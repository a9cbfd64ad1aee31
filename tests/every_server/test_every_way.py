"""The table in ops/docs/reference/redis.md: each server that we know, in each way in which it may stand.

All of it takes minutes: `EVERY_REDIS=1 ./ops/bin/test tests/every_server`. Without that a few are run.
"""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path

import pytest
from msgspec.structs import replace
from rq.serializers import JSONSerializer

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Queue
from fallback.ledger.redis.commands import refused
from fallback.ledger.redis.durability import Durability, Keeping
from tests.demo.waiting import eventually
from tests.every_server.test_every_server import LEASE
from tests.ledger.certificates import TlsServer, speaks_tls
from tests.ledger.sentinels import Sentinels
from tests.ledger.servers import servers
from tests.ledger.world import a_container, a_new_order, accepted, hang_up
from tests.programs import program
from tests.redis_server import OURS, PASSWORD, RedisServer
from workers.run import Worker, open_connection

PAGE = Path(__file__).parents[2] / "ops/docs/reference/redis.md"
PLATFORM = Keeping(durability=Durability.PLATFORM, min_free_disk_mb=0)


def order_line(built: Container) -> None:
    """An order is taken, changed and claimed, and a worker hears its bell."""
    eventually(lambda: built.readiness.problems(not_older_than=0) == (), within=30)
    order = accepted(built.ledger)
    assert built.ledger.commit(order, replace(order, released=True), []).version == 2
    assert order.ref in built.ledger.claim_due(Queue.PAYMENT, LEASE, 10)
    assert next(each.ref for each in built.views.each()) == order.ref
    built.bells.ring(Queue.NOTICE)
    with open_connection(built.config) as connection:
        assert Worker([Queue.NOTICE], connection=connection, serializer=JSONSerializer).dequeue_job_and_maintain_ttl(1)
    assert refused(built.redis) == []


def plain(folder: Path, path: str) -> None:
    with closing(RedisServer(folder, path)) as server:
        order_line(a_container(server.url.replace(f"{OURS}:{PASSWORD}@", "")))


def with_users(folder: Path, path: str) -> None:
    with closing(RedisServer(folder, path)) as server:
        order_line(a_container(server.url))
        assert server.denied() == set()


def without_config(folder: Path, path: str) -> None:
    with closing(RedisServer(folder, path, "--rename-command", "CONFIG", "")) as server:
        [problem] = a_container(server.url).readiness.problems()
        assert "does not say its appendfsync" in problem
        order_line(a_container(server.url, keeping=PLATFORM))


def with_tls(folder: Path, path: str) -> None:
    with closing(TlsServer(folder, path)) as server:
        order_line(a_container(server.secure_url()))


def full(folder: Path, path: str) -> None:
    with closing(RedisServer(folder, path)) as server:
        built = a_container(server.url)
        order = accepted(built.ledger)
        server.client.config_set("maxmemory", server.client.info("memory")["used_memory"] - 100_000)
        with pytest.raises(TryAgain):
            built.ledger.accept(a_new_order(), "key-2", "print")
        assert built.ledger.commit(order, order, []).version == 2
        server.client.config_set("maxmemory", 0)
        order_line(built)


def with_sentinel(folder: Path, path: str) -> None:
    sentinels = Sentinels(folder, path)
    try:
        built = a_container(sentinels.url, keeping=Keeping(replicas=1, min_free_disk_mb=0))
        order_line(built)
        sentinels.kill_primary()
        order_line(built)
    finally:
        sentinels.close()


@contextmanager
def closing(server: RedisServer) -> Iterator[RedisServer]:
    yield server
    server.close()


WAYS: dict[str, Callable[[Path, str], None]] = {
    "plain": plain,
    "with our ACL user": with_users,
    "TLS, own authority": with_tls,
    "without CONFIG": without_config,
    "full memory": full,
    "Sentinel, primary killed": with_sentinel,
}
RUN = {(name, way) for name in ("Redis 6.2", "Valkey 9") for way in ("without CONFIG",)}


@pytest.mark.parametrize("way", WAYS)
@pytest.mark.parametrize("name", servers())
def test_the_order_line_in_each_way(name: str, way: str, tmp_path: Path) -> None:
    path = servers()[name]
    if way == "TLS, own authority" and not speaks_tls(path or program("redis-server")):
        return  # the table says so
    if (name, way) in RUN or os.environ.get("EVERY_REDIS"):
        WAYS[way](tmp_path, path)
    hang_up()


def test_the_table_names_what_is_run_and_which_build_has_no_tls() -> None:
    head, *rows = re.findall(r"^\| (.*) \|$", PAGE.read_text().partition("## What was run")[2], re.MULTILINE)
    names = {"on PATH": "Redis 7"}
    told = {row.partition(" (")[0]: row.split(" | ")[1:] for row in rows}
    columns = head.split(" | ")[1:]
    assert set(WAYS) <= set(columns)
    for name, path in servers().items():
        path = path or program("redis-server")
        if (
            name == "on PATH"
            and "v=7." not in subprocess.run([path, "--version"], capture_output=True, text=True).stdout
        ):
            continue  # another one than the table's
        marks = dict(zip(columns, told[names.get(name, name)], strict=True))
        assert marks["TLS, own authority"] == ("yes" if speaks_tls(path) else "not in this build")
        assert {marks[way] for way in WAYS if not way.startswith("TLS")} == {"yes"}
