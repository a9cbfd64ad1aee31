"""Readiness: what would make an acknowledged order unsafe is found and named, and nothing is written then."""

from __future__ import annotations

import re
import shutil
from threading import Event, Thread
from typing import Any, NamedTuple

import pytest
import redis
from structlog.testing import capture_logs

from fallback.domain.errors import TryAgain
from fallback.domain.oncall.alerts import Acknowledged, Alert, Memory, Told
from fallback.domain.order.order import PaymentState, PlacementState
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.domain.outage.pace import PaceRule
from fallback.ledger.redis import readiness
from fallback.ledger.redis.durability import Keeping, Seen
from fallback.ledger.redis.readiness import GROWTH, MEMORY_WATERMARK, Readiness
from tests.builders import NOW, a_payment, an_order
from tests.ledger.watched import Watched, ended, start
from tests.ledger.world import a_container, a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

ANYWHERE = Keeping(min_free_disk_mb=0)


def problems(server: RedisServer, **settings: Any) -> str:
    """What a process that just started says."""
    return " ".join(Readiness(server.client, Keeping(**({"min_free_disk_mb": 0} | settings))).problems())


def test_our_own_settings_are_safe(redis_server: RedisServer) -> None:
    assert problems(redis_server) == ""


@pytest.mark.parametrize(
    ("name", "value"),
    [
        ("appendonly", "no"),
        ("appendfsync", "everysec"),
        ("no-appendfsync-on-rewrite", "yes"),
        ("maxmemory-policy", "allkeys-lru"),
    ],
)
def test_a_setting_that_can_lose_orders_is_named(mortal_redis: RedisServer, name: str, value: str) -> None:
    mortal_redis.client.config_set(name, value)
    assert f"Redis has {name} {value}" in problems(mortal_redis)


def test_a_full_disk_is_named(redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch) -> None:
    class Usage(NamedTuple):
        free: int

    free = {str(redis_server.directory): Usage(255 * 2**20)}
    monkeypatch.setattr(shutil, "disk_usage", lambda directory: free[directory])
    assert "255 MB left; 256 are needed" in problems(redis_server, min_free_disk_mb=256)
    assert problems(redis_server, min_free_disk_mb=255) == ""


def test_memory_above_the_watermark_is_named(mortal_redis: RedisServer) -> None:
    used = mortal_redis.client.info("memory")["used_memory"]
    mortal_redis.client.config_set("maxmemory", int(used * 1.05))
    assert "bytes" in problems(mortal_redis)
    mortal_redis.client.config_set("maxmemory", used * 2)
    assert problems(mortal_redis) == ""


def test_without_a_limit_of_its_own_redis_has_the_memory_of_its_machine(redis_server: RedisServer) -> None:
    room = a_container(redis_server.url).readiness.headroom()
    assert room
    assert room.memory_limit == redis_server.client.info("memory")["total_system_memory"]


def test_a_redis_that_is_away_is_named(mortal_redis: RedisServer) -> None:
    mortal_redis.kill()
    assert "does not answer" in problems(mortal_redis)


def test_a_redis_that_cannot_be_written_is_named(mortal_redis: RedisServer) -> None:
    mortal_redis.client.replicaof("127.0.0.1", "1")
    assert "is a replica" in problems(mortal_redis)


def test_the_connection_of_orders_is_checked_too_and_does_not_count_alone(mortal_redis: RedisServer) -> None:
    def away(_: str) -> None:
        raise redis.ConnectionError("away")

    house = Readiness(mortal_redis.client, ANYWHERE, away)
    assert house.problems() == ("Redis takes no orders (ConnectionError).",)
    mortal_redis.client.replicaof("127.0.0.1", "1")
    assert "is a replica" in " ".join(Readiness(mortal_redis.client, ANYWHERE, lambda _: [b"master"]).problems())


def test_missing_replicas_are_named_before_an_order_is_taken(redis_server: RedisServer) -> None:
    assert "0 replicas; 1 must have each order" in problems(redis_server, replicas=1)


def test_the_answer_is_kept_for_some_seconds_and_then_asked_for_again(
    mortal_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    now = 1000.0
    monkeypatch.setattr("fallback.ledger.redis.readiness.monotonic", lambda: now)
    readiness = Readiness(mortal_redis.client, ANYWHERE)
    assert readiness.problems() == ()
    mortal_redis.client.config_set("appendfsync", "no")
    now += 3.0
    assert (readiness.problems(), readiness.is_known_good()) == ((), True)
    now += 0.1
    assert not readiness.is_known_good()
    assert len(readiness.problems()) == 1
    assert not readiness.is_known_good()


def test_whoever_asks_during_the_first_check_waits_for_it_and_later_nobody_waits(
    mortal_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    waits, told, look, now = Event(), list[tuple[str, ...]](), readiness.look, [1000.0]
    monkeypatch.setattr(readiness, "Lock", lambda: Watched(waits.set))
    monkeypatch.setattr(readiness, "monotonic", lambda: now[0])
    house, threads = Readiness(mortal_redis.client, ANYWHERE), list[Thread]()

    def is_asked_meanwhile(client: redis.Redis) -> Seen:
        threads.append(Thread(target=lambda: told.append(house.problems()), daemon=True))
        start(threads[-1], waits)
        return look(client)

    monkeypatch.setattr(readiness, "look", is_asked_meanwhile)
    mortal_redis.client.config_set("appendfsync", "no")
    before = house.problems()
    ended(threads[0])
    assert (len(before), told, waits.is_set()) == (1, [before], True)
    waits.clear()
    mortal_redis.client.config_set("appendfsync", "always")
    now[0] += 4.0
    assert house.problems() == ()
    assert (told[1:], waits.is_set()) == ([before], False)


def test_full_memory_refuses_new_orders_and_works_on_those_that_it_has(mortal_redis: RedisServer) -> None:
    ledger = a_ledger(mortal_redis.url)
    order, client = accepted(ledger), mortal_redis.client
    client.config_set("maxmemory", client.info("memory")["used_memory"] - 100_000)
    keys = client.dbsize()
    with pytest.raises(TryAgain):
        ledger.accept(a_new_order(), "key-2", "print")
    assert client.dbsize() == keys
    assert client.zcard("received") == 1
    assert ledger.commit(order, order, [], once="evt_1").version == 2
    assert ledger.claim_due("payment", order.received_at - order.received_at, 10) == [order.ref]


def test_on_call_switches_sets_the_pace_and_takes_an_alert_while_memory_is_full(mortal_redis: RedisServer) -> None:
    built, client = a_container(mortal_redis.url), mortal_redis.client
    built.outbox.remember(Memory(NOW, {Alert.DURABILITY_LOST: Told(NOW, NOW, "Memory is full.")}), [], NOW)
    client.config_set("maxmemory", client.info("memory")["used_memory"] - 100_000)
    switched = ModeState(Mode.ACTIVE, NOW, "Kim", "the shop is down", Decider.PERSON)
    built.modes.switch(switched)
    built.pace.decide(PaceRule(pace=3, at=NOW, who="Kim", why="gently"))
    assert built.modes.read() == switched
    assert built.pace.rule().pace == 3
    taken = Acknowledged("Kim", NOW, NOW)
    assert built.outbox.acknowledge(Alert.DURABILITY_LOST, taken) == taken


def test_the_answer_to_an_order_comes_again_while_memory_is_full(mortal_redis: RedisServer) -> None:
    ledger = a_ledger(mortal_redis.url)
    order, client = a_new_order(), mortal_redis.client
    ledger.accept(order, "key-1", "print")
    client.config_set("maxmemory", client.info("memory")["used_memory"] - 100_000)
    assert ledger.accept(a_new_order(cart_id=order.cart_id), "key-1", "print").ref == order.ref


def test_an_append_only_file_that_cannot_be_written_is_named(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    info = redis_server.client.info()
    assert info["aof_last_write_status"] == "ok"
    monkeypatch.setitem(redis_server.client.response_callbacks, "INFO", lambda *_, **__: broken)
    broken = info | {"aof_last_write_status": "err"}
    assert problems(redis_server) == "Redis cannot write its append-only file."


def test_what_open_orders_will_take_is_kept_for_them(mortal_redis: RedisServer) -> None:
    """An order that is over takes nothing more."""
    ledger, client = a_ledger(mortal_redis.url), mortal_redis.client
    settled = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
    for order in (None, None, settled):
        accepted(ledger, order)
    room = Readiness(client, ANYWHERE).headroom()
    assert room
    assert room.memory_owed == 2 * GROWTH

    client.config_set("maxmemory", int((room.memory_used + GROWTH) / MEMORY_WATERMARK))
    assert f", and needs {2 * GROWTH} more to settle open orders." in problems(mortal_redis)


def test_full_memory_without_any_order_needs_nothing_more(mortal_redis: RedisServer) -> None:
    client = mortal_redis.client
    client.config_set("maxmemory", int(client.info("memory")["used_memory"] * 1.05))
    assert re.fullmatch(r"Redis uses \d+ of \d+ bytes\.", problems(mortal_redis))


def test_the_log_has_a_line_when_it_changes_and_no_other(
    mortal_redis: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(readiness, "CHECK_EVERY_SECONDS", -1.0)
    house, client = Readiness(mortal_redis.client, ANYWHERE), mortal_redis.client
    with capture_logs() as logs:
        house.problems()
        for setting in ("no", "everysec", "always", "always"):
            client.config_set("appendfsync", setting)
            client.config_set("no-appendfsync-on-rewrite", "yes" if setting == "no" else "no")
            house.problems()
    assert [(line["event"], line["reason"]) for line in logs] == [
        (
            "not_ready",
            "Redis has appendfsync no: set it to always. Redis has no-appendfsync-on-rewrite yes: set it to no.",
        ),
        ("ready", ""),
    ]


def test_an_unreachable_redis_is_named_with_its_error(mortal_redis: RedisServer) -> None:
    mortal_redis.kill()
    assert problems(mortal_redis) == "Redis does not answer (ConnectionError)."
    with pytest.raises(TryAgain, match=r"cannot be written or read: ConnectionError$"):
        a_ledger(mortal_redis.url).load("FB-1")
