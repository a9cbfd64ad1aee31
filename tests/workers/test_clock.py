from __future__ import annotations

import signal
from datetime import timedelta
from typing import cast

import pytest

from fallback import __version__
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Notice, NoticeKind, PlacementState, Queue
from fallback.ledger.redis import keys
from fallback.ledger.redis.leases import Leases
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.redis_server import RedisServer
from tests.web.world import SHOP
from tests.workers.conftest import World
from tests.workers.running import Program, nobody_there, stored
from workers import clock


def test_the_clock_rings_each_queue_with_due_work(world: World) -> None:
    world.orders(2, notices=(Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW),))
    clock.tick(world.container)
    assert world.bells.rung == [Queue.PLACEMENT, Queue.NOTICE]


def test_what_is_due_later_rings_later(world: World) -> None:
    world.orders(1, received_at=NOW + timedelta(seconds=1))
    clock.tick(world.container)
    assert world.bells.rung == []
    world.later(timedelta(seconds=1))
    clock.tick(world.container)
    assert world.bells.rung == [Queue.PLACEMENT]


def test_a_due_promise_rings_the_bell_and_the_shift_keeps_it(world: World) -> None:
    [order] = world.orders(1, owner="Ann", next_word_by=NOW + timedelta(hours=1), placement=PlacementState.PLACING)
    world.later(timedelta(minutes=54))
    clock.tick(world.container)
    assert Queue.NOTICE not in world.bells.rung
    world.later(timedelta(minutes=1, seconds=1))
    clock.tick(world.container)
    assert Queue.NOTICE in world.bells.rung
    world.shift(Queue.NOTICE)
    world.shift(Queue.NOTICE)
    assert world.mailer.taken == [(order.ref, NoticeKind.NEXT_WORD)]
    assert world.now_of(order).owner == "checkout desk"


# --- the lease


def test_one_leads_and_the_other_follows_when_it_gives_the_lease_back(redis_server: RedisServer) -> None:
    first, second = Leases(redis_server.client), Leases(redis_server.client)
    assert first.hold("clock", 60)
    assert not second.hold("clock", 60)
    assert first.hold("clock", 60)
    second.release("clock")  # not theirs to give
    assert not second.hold("clock", 60)
    first.release("clock")
    assert second.hold("clock", 60)


def test_a_renewed_lease_lasts_from_its_renewal(redis_server: RedisServer) -> None:
    leases = Leases(redis_server.client)
    leases.hold("clock", 1)
    leases.hold("clock", 60)
    assert 50_000 < cast(int, redis_server.client.pttl(keys.lease("clock"))) <= 60_000


def test_another_follows_when_the_leader_is_dead(redis_server: RedisServer) -> None:
    dead, alive = Leases(redis_server.client), Leases(redis_server.client)
    dead.hold("clock", 0.2)
    eventually(lambda: alive.hold("clock", 60))
    assert not dead.hold("clock", 60)


def test_without_redis_nobody_leads() -> None:
    with pytest.raises(TryAgain):
        Leases(nobody_there()).hold("clock", 5)


# --- the process


def test_a_clock_process_rings_and_gives_its_lease_back_when_it_is_stopped(redis_server: RedisServer) -> None:
    stored(redis_server, notices=(Notice(id="1", kind=NoticeKind.RECEIVED, due_at=NOW),))
    with Program("workers.clock", redis_server) as program:
        eventually(lambda: redis_server.client.llen("rq:queue:notice"), within=10)
        assert redis_server.client.exists(keys.lease("clock"))
        program.signal(signal.SIGTERM)
        assert program.ended() == 0
    assert not redis_server.client.exists(keys.lease("clock"))


def test_a_clock_says_what_runs_here_and_why_it_waits(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    redis_server.client.set(keys.SHOP, "books")
    monkeypatch.setenv("FALLBACK_PAEC", "5")
    with Program("workers.clock", redis_server) as process:
        told = process.line("started")
        assert (told["process"], told["version"], told["shop"]) == ("clock", __version__, SHOP)
        assert "Did you mean FALLBACK_PACE?" in process.line("setting_unknown")["reason"]
        assert "has the orders of shop 'books'" in process.line("round_failed")["reason"]
        process.signal(signal.SIGTERM)
        assert process.line("stopped")["process"] == "clock"


def test_a_second_clock_takes_over_from_one_that_was_killed(redis_server: RedisServer) -> None:
    def leader() -> bytes | None:
        return redis_server.client.get(keys.lease("clock"))

    with Program("workers.clock", redis_server) as first:
        killed = eventually(leader, within=10)
        with Program("workers.clock", redis_server):
            first.signal(signal.SIGKILL)
            eventually(lambda: leader() not in (None, killed), within=15)
