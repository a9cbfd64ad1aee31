"""The one clock: Redis' time, which a wrong clock of one machine does not move."""

from __future__ import annotations

import time
from datetime import UTC, datetime, timedelta
from threading import Event, Thread
from typing import Any, cast

import pytest
import redis
from structlog.testing import capture_logs

from fallback.domain.order.order import Queue
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.redis import clock as clocks
from fallback.ledger.redis.clock import RedisClock, _steady
from tests.builders import NOW
from tests.ledger.watched import Watched, ended, start
from tests.ledger.world import a_ledger, a_new_order, accepted
from tests.redis_server import RedisServer

DAY = timedelta(days=1)
BOUND, LOOK_EVERY = timedelta(minutes=5), 10.0
LEASE = timedelta(seconds=40)


class House:
    """A machine with its wall clock, and Redis on another with its own; both go on when `passes` says so."""

    def __init__(self, ahead: timedelta = timedelta()) -> None:
        self.wall, self.redis, self.steady = NOW + ahead, NOW, 1_000.0
        self.away = False
        self.heartbeats: list[tuple[Any, ...]] = []
        self.clock = RedisClock(lambda: cast(redis.Redis, self), lambda: self.wall, lambda: self.steady)

    def passes(self, seconds: float) -> None:
        self.steady += seconds
        self.wall += timedelta(seconds=seconds)
        self.redis += timedelta(seconds=seconds)

    def looks_again(self) -> datetime:
        self.passes(LOOK_EVERY)
        return self.clock()

    def time(self) -> tuple[int, int]:
        if self.away:
            raise redis.ConnectionError("away")
        return int(self.redis.timestamp()), self.redis.microsecond

    def pipeline(self, transaction: bool) -> House:
        return self

    def __getattr__(self, name: str) -> Any:
        return lambda *words: self.heartbeats.append((name, *words))


@pytest.mark.parametrize("ahead", [timedelta(), timedelta(seconds=90), 91 * DAY, -DAY])
def test_whatever_the_machine_says_it_is_redis_time(ahead: timedelta) -> None:
    house = House(ahead)
    assert house.clock() == NOW
    house.passes(3.5)
    assert house.clock() == house.redis


def test_a_clock_of_the_machine_that_is_set_moves_nothing() -> None:
    house = House()
    house.clock()
    house.wall += DAY
    house.passes(1)
    assert house.clock() == NOW + timedelta(seconds=1)
    assert house.looks_again() == house.redis


def test_a_jump_of_redis_time_is_followed_only_if_the_machine_agrees() -> None:
    house = House()
    house.clock()
    house.redis += BOUND
    assert house.looks_again() == house.redis
    assert house.clock.agrees()
    house.redis = house.wall
    assert house.looks_again() == house.redis
    house.redis += DAY
    assert house.looks_again() == house.redis - DAY
    house.wall += DAY  # the machine was the one that had been wrong
    assert house.looks_again() == house.redis


def test_redis_is_looked_at_every_ten_seconds() -> None:
    house = House()
    looks = 0

    def time() -> tuple[int, int]:
        nonlocal looks
        looks += 1
        return int(house.redis.timestamp()), house.redis.microsecond

    house.time = time  # type: ignore[method-assign]
    for _ in range(40):
        house.clock()
        house.passes(1)
    assert looks == 4


def test_whoever_asks_during_the_first_look_waits_for_it_and_later_nobody_waits(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    waits = Event()
    monkeypatch.setattr(clocks, "Lock", lambda: Watched(waits.set))
    house, told = House(ahead=DAY), list[datetime]()
    time, threads = house.time, list[Thread]()

    def is_asked_meanwhile() -> tuple[int, int]:
        threads.append(Thread(target=lambda: told.append(house.clock()), daemon=True))
        start(threads[-1], waits)
        return time()

    house.time = is_asked_meanwhile  # type: ignore[method-assign]
    assert house.clock() == NOW
    ended(threads[0])
    assert (told, waits.is_set()) == ([NOW], True)
    waits.clear()
    assert house.looks_again() == house.redis
    assert (told[1:], waits.is_set()) == ([house.redis], False)


def test_it_knows_the_time_until_it_has_to_look_again() -> None:
    house = House()
    assert not house.clock.knows()
    house.clock()
    house.passes(LOOK_EVERY - 1)
    assert house.clock.knows()
    house.passes(1)
    assert not house.clock.knows()


def test_a_jump_and_a_clock_that_is_off_are_told_in_the_log() -> None:
    house = House(ahead=timedelta(seconds=30))
    with capture_logs() as logs:
        house.clock()
        house.looks_again()
        house.wall -= timedelta(seconds=30)
        house.looks_again()
        house.looks_again()
        house.redis += timedelta(hours=1)
        house.looks_again()
    assert [(line["event"], line["seconds"]) for line in logs] == [
        ("clock_is_off", 30),
        ("clock_is_off", 30),
        ("clock_is_right", 0),
        ("time_jumped", 3600),
        ("clock_is_off", -3600),
    ]


def test_a_day_after_a_jump_all_is_steady_again() -> None:
    house = House()
    house.clock()
    house.redis, house.wall = house.redis + DAY, house.wall + DAY
    house.looks_again()
    house.passes(DAY.total_seconds() - 1)
    assert not house.clock.agrees()
    house.passes(1)
    assert house.clock.agrees()


def test_the_steady_clock_counts_the_time_of_a_suspended_machine_where_it_can(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(time, "clock_gettime", lambda clock: clock)
    assert _steady() == time.CLOCK_BOOTTIME
    monkeypatch.delattr(time, "CLOCK_BOOTTIME")
    assert _steady() == time.CLOCK_MONOTONIC


def test_while_redis_is_away_it_goes_on() -> None:
    house = House(ahead=DAY)
    house.clock()
    house.away = True
    for _ in range(100):
        assert house.looks_again() == house.redis
    assert not house.clock.agrees()


def test_without_any_redis_it_is_the_time_of_the_machine() -> None:
    house = House(ahead=DAY)
    house.away = True
    assert house.clock() == house.wall
    assert not house.clock.agrees()
    house.away = False
    assert house.looks_again() == house.redis


def test_clocks_agree_within_the_bound() -> None:
    assert House(ahead=BOUND).clock.agrees()
    assert not House(ahead=BOUND + timedelta(seconds=1)).clock.agrees()
    assert not House(ahead=-BOUND - timedelta(seconds=1)).clock.agrees()
    house = House()
    assert house.clock.agrees()
    house.redis += DAY
    house.looks_again()
    assert not house.clock.agrees()
    house.redis -= DAY
    house.looks_again()
    assert house.clock.agrees()


def test_after_a_jump_that_was_followed_nothing_ends_for_a_day() -> None:
    """Redis and the process may share the one clock that is wrong."""
    house = House()
    house.clock()
    house.redis, house.wall = house.redis + 91 * DAY, house.wall + 91 * DAY
    assert house.looks_again() == house.redis
    assert not house.clock.agrees()
    house.passes(DAY.total_seconds() - 2 * LOOK_EVERY)
    assert not house.clock.agrees()
    house.passes(3 * LOOK_EVERY)
    assert house.clock.agrees()


def test_a_machine_that_is_off_says_so_while_it_lasts_and_when_it_is_over() -> None:
    house = House(ahead=timedelta(seconds=29))
    house.clock()
    assert house.heartbeats == []
    house.wall += timedelta(seconds=61)
    house.looks_again()
    assert [sign[0] for sign in house.heartbeats] == ["hset", "expire", "execute"]
    house.looks_again()
    house.wall = house.redis + timedelta(seconds=29)
    house.heartbeats.clear()
    house.looks_again()
    house.looks_again()
    assert [sign[0] for sign in house.heartbeats] == ["hdel", "execute"]


def test_each_machine_with_a_wrong_clock_is_listed_until_it_is_right_or_silent(redis_server: RedisServer) -> None:
    heartbeats = Heartbeats(redis_server.client)
    heartbeats.machine_is_off("web-1", 312, NOW)
    heartbeats.machine_is_off("clock-1", -90, NOW)
    assert heartbeats.clocks_off(NOW) == {"web-1": 312, "clock-1": -90}
    heartbeats.machine_is_off("web-1", 0, NOW)
    assert heartbeats.clocks_off(NOW) == {"clock-1": -90}
    assert heartbeats.clocks_off(NOW + timedelta(seconds=30)) == {}


def test_what_is_due_is_decided_by_the_clock_of_redis(redis_server: RedisServer) -> None:
    """A caller whose clock is minutes off takes neither too early nor for too long."""
    right, late, early = (a_ledger(redis_server.url) for _ in range(3))
    right.clock = lambda: datetime.now(UTC)
    late.clock = lambda: datetime.now(UTC) - timedelta(seconds=240)
    early.clock = lambda: datetime.now(UTC) + timedelta(seconds=240)
    order = accepted(right, a_new_order(received_at=datetime.now(UTC)))
    accepted(right, a_new_order(received_at=datetime.now(UTC) + timedelta(seconds=200)))
    assert early.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]
    until = datetime.fromtimestamp(cast(float, redis_server.client.zscore("due:payment", order.ref)), UTC)
    assert abs(until - datetime.now(UTC) - LEASE) < timedelta(seconds=30)
    redis_server.client.zadd("due:payment", {order.ref: datetime.now(UTC).timestamp()})
    assert late.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]


def test_a_redis_whose_clock_has_jumped_makes_nothing_due(redis_server: RedisServer) -> None:
    """As after a change of roles to a machine that lives tomorrow: its callers know better."""
    ledger = a_ledger(redis_server.url)
    ledger.clock = lambda: datetime.now(UTC) - DAY
    order = accepted(ledger, a_new_order(received_at=ledger.clock() + timedelta(hours=1)))
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == []
    ledger.clock = lambda: datetime.now(UTC) + DAY
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]
