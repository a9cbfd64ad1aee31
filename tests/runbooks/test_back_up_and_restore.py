"""The page about backups, as it says: copied while orders are accepted, torn, mended, and restored."""

from __future__ import annotations

import shutil
from collections.abc import Iterator
from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from pathlib import Path
from threading import Event

import pytest
from msgspec.structs import replace

from fallback.cli.ledger import AGREES
from fallback.domain.order.order import Queue
from fallback.ledger.redis import keys
from ops.demo.__main__ import commands_env
from ops.demo.places import ROOT
from tests.ledger.servers import servers
from tests.ledger.world import a_ledger, accepted, hang_up
from tests.redis_server import RedisServer
from tests.runbooks.page import Page
from tests.web.world import a_config
from tests.workers.running import environment

ADMIN = 'redis-cli -u "${REDIS_ADMIN_URL:-$REDIS_URL}"'
ONE_ORDER = ("REDIS_URL=", f"{ADMIN} rename", "fallback ledger verify --repair", f"{ADMIN} del")
FOLDER = ROOT / "ops" / "docs" / "how-to"


@pytest.fixture(autouse=True)
def _hanging_up() -> Iterator[None]:
    yield
    hang_up()


def page(server: RedisServer, backup: Path) -> Page:
    settings = commands_env(environment(a_config(redis_url=server.url)))
    places = {"REDIS_DIR": str(server.directory), "BACKUP": str(backup), "REDIS_ADMIN_URL": server.admin_url}
    return Page("back-up-and-restore", settings | places, FOLDER)


def points_to(copied: Page, server: RedisServer) -> None:
    copied.set(REDIS_URL=server.url, REDIS_ADMIN_URL=server.admin_url, REDIS_DIR=str(server.directory))


def test_a_copy_that_was_made_under_load_is_restored(mortal_redis: RedisServer, tmp_path: Path) -> None:
    if mortal_redis.client.info("server")["redis_version"].startswith("6."):
        pytest.skip("the file of Redis 7 and newer has parts")
    ledger, backup, enough, refs = a_ledger(mortal_redis.url), tmp_path / "copy", Event(), list[str]()
    before = [accepted(ledger).ref for _ in range(20)]
    mortal_redis.client.bgrewriteaof()
    copied = page(mortal_redis, backup)

    def customers() -> None:
        while not enough.is_set() and len(refs) < 500:
            refs.append(accepted(ledger).ref)

    with ThreadPoolExecutor(1) as pool:
        buying = pool.submit(customers)
        copied.do("redis-cli")
        copied.do("cp -al")
        copied.do("cp -r")
        enough.set()
        buying.result()
    assert mortal_redis.client.config_get("auto-aof-rewrite-percentage") == {"auto-aof-rewrite-percentage": "25"}
    assert not (mortal_redis.directory / "linked").exists()
    copied.skip("cp ")
    *_, last = sorted(backup.glob("*.incr.aof"))
    with last.open("ab") as torn:  # as a crash, or the end of a copy, may leave it
        torn.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    copied.do("redis-check-aof", "is not valid", "ok_up_to", code=1)
    copied.do("echo y |", "Successfully truncated AOF")
    copied.again("redis-check-aof", "All AOF files and manifest are valid")

    mortal_redis.kill()
    elsewhere = tmp_path / "elsewhere"
    elsewhere.mkdir()
    points_to(copied, mortal_redis)
    copied.set(REDIS_DIR=str(elsewhere))
    copied.do("cp -r")
    restored = RedisServer(elsewhere)
    try:
        points_to(copied, restored)
        copied.do("redis-cli", "PONG")
        copied.do("fallback ledger verify", AGREES)
        there = {ref.decode() for ref in restored.client.zrange(keys.RECEIVED, 0, -1)}
        assert set(before) < there <= {*before, *refs}
        assert refs[: len(there) - len(before)] == sorted(there.difference(before), key=refs.index)
        copied.do("fallback drain")
        copied.do("fallback incident balance", code=1)  # neither Stripe nor the shop answers here
        copied.do("fallback incident audit", code=1)
        copied.do("fallback drain")
        for step in ONE_ORDER:
            copied.skip(step)
        copied.is_done()
        assert a_ledger(restored.url).claim_due(Queue.PAYMENT, timedelta(seconds=40), 1)
    finally:
        restored.close()


def test_a_damaged_order_is_restored_alone(mortal_redis: RedisServer, tmp_path: Path) -> None:
    ledger, elsewhere = a_ledger(mortal_redis.url), tmp_path / "elsewhere"
    order = accepted(ledger)
    shutil.copytree(mortal_redis.directory, elsewhere, ignore=shutil.ignore_patterns("*.sock", "*.pid"))
    changed, later = ledger.commit(order, replace(order, owner="Ann"), []), accepted(ledger)
    mortal_redis.client.hset(keys.order(changed.ref), "doc", b"\x00")
    look, move, verify, delete = ONE_ORDER
    copy, on_call = RedisServer(elsewhere), page(mortal_redis, tmp_path)
    try:
        on_call.set(COPY_URL=copy.admin_url, REF=order.ref)
        assert order.ref in on_call.again(look)
        assert on_call.again(move).split() == ["OK", "OK"]
        on_call.again(verify, "Left: 0")
        assert [ledger.load(each.ref) for each in (order, later)] == [order, later]
        on_call.again(delete, "1")
        on_call.again("fallback ledger verify\n", AGREES)
    finally:
        copy.close()


def test_the_one_file_of_redis_6(tmp_path: Path) -> None:
    program = servers()["Redis 6.2"]
    (tmp_path / "first").mkdir()
    (tmp_path / "second").mkdir()
    first = RedisServer(tmp_path / "first", program)
    order = accepted(a_ledger(first.url))
    page(first, tmp_path / "second").again('cp "$REDIS_DIR/appendonly.aof"')
    first.close()
    with (tmp_path / "second" / "appendonly.aof").open("ab") as torn:
        torn.write(b"*3\r\n$3\r\nSET\r\n$4\r\nto")
    restored = RedisServer(tmp_path / "second", program)
    page(restored, tmp_path).again("fallback ledger verify\n", AGREES)
    assert a_ledger(restored.url).load(order.ref) == order
    restored.close()
