"""Rounds of the clock: each in its own thread, by its own lease, at its own pace, and whatever one raises ends none."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from threading import Event
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import PAUSE
from fallback.ledger.redis import keys
from fallback.ledger.redis.leases import Leases
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.conftest import World
from workers import clock
from workers.rounds import Rounds


class Lease:
    """Ours or not, as the test says."""

    def __init__(self, ours: bool = True) -> None:
        self.ours = ours

    def hold(self, name: str, seconds: float) -> bool:
        return self.ours

    def release(self, name: str) -> None:
        self.ours = False


class Stopped(Event):
    """After so many rounds; `pauses` are those that were asked for before each."""

    def __init__(self, after: int) -> None:
        super().__init__()
        self.after = after
        self.pauses: list[float] = []

    def wait(self, timeout: float | None = None) -> bool:
        self.pauses.append(timeout or 0.0)
        return len(self.pauses) > self.after


def some_rounds(count: int, once: Callable[[], None], **how: Any) -> tuple[Rounds, Stopped]:
    rounds, stopped = Rounds("looking", once, Lease(), **({"every": 2, "lease": 5} | how)), Stopped(count)
    rounds._stopped = stopped
    return rounds, stopped


def test_a_round_does_not_run_without_the_lead() -> None:
    done: list[int] = []
    Rounds("looking", lambda: done.append(1), Lease(ours=False), every=1, lease=5).go()
    assert done == []


def test_the_pause_is_what_is_left_of_the_time(monkeypatch: pytest.MonkeyPatch) -> None:
    times = iter([10.0, 10.5, 12.0, 15.0])
    monkeypatch.setattr("workers.rounds.monotonic", lambda: next(times))
    rounds, stopped = some_rounds(2, lambda: None)
    rounds._run()
    assert stopped.pauses == [0.0, 1.5, 0.0]


@pytest.mark.parametrize(
    ("how", "pause"),
    [
        ({"every": 60, "lease": 68}, 5.0),  # the shop is looked at again while the last look still counts
        ({"every": 2, "lease": 10}, 2.0),
        ({"every": 60, "lease": 45}, 60.0),  # nobody leads longer than that, and it is enough
    ],
)
def test_who_does_not_lead_soon_looks_whether_the_leader_died(
    monkeypatch: pytest.MonkeyPatch, how: dict[str, float], pause: float
) -> None:
    monkeypatch.setattr("workers.rounds.monotonic", lambda: 10.0)
    rounds, stopped = some_rounds(2, lambda: None, **how)
    rounds._leases.ours = False
    rounds._run()
    assert stopped.pauses[1:] == [pause, pause]
    rounds, stopped = some_rounds(1, lambda: None, **how)
    rounds._run()
    assert stopped.pauses[1:] == [how["every"]]


def test_a_look_at_the_shop_is_recent_until_another_clock_has_taken_over() -> None:
    """At the slowest rhythm that may be set, after `kill -9` of the clock that led."""
    slowest = a_config(fallback_probe_seconds=60.0, fallback_probe_patience=10.0)
    container = Container(slowest)
    [lookout] = [each for each in clock.rounds(container, Leases(container.redis)) if each._name == "lookout"]
    probe = timedelta(seconds=slowest.fallback_probe_patience)
    assert timedelta(seconds=lookout._lease + lookout._stands_by) + probe <= PAUSE


def test_what_a_round_raises_is_told_once_and_ends_nothing() -> None:
    outcomes: Iterator[Exception | None] = iter([TryAgain("away"), ValueError("a bug"), None, None])
    ended: list[BaseException | None] = []

    def once() -> None:
        if error := next(outcomes):
            raise error

    rounds, _ = some_rounds(4, once, ended=ended.append)
    with capture_logs() as logs:
        rounds._run()
    assert [told["event"] for told in logs] == ["round_failed", "round_works_again"]
    assert [type(error) for error in ended] == [TryAgain, ValueError, type(None), type(None)]


def test_a_bug_of_who_hears_how_it_ended_ends_nothing_either() -> None:
    done: list[int] = []

    def ended(_: BaseException | None) -> None:
        raise ValueError("a bug")

    rounds, _ = some_rounds(2, lambda: done.append(1), ended=ended)
    with capture_logs() as logs:
        rounds._run()
    assert len(done) == 2
    assert [told["event"] for told in logs] == ["round_failed"]


def test_a_slow_round_does_not_delay_another_one(world: World) -> None:
    asked, answers = Event(), Event()

    def wait() -> None:
        asked.set()
        answers.wait(20)

    slow = Rounds("looking", wait, Lease(), every=1, lease=5)
    slow.start()
    assert asked.wait(10)
    world.orders(1)
    clock.tick(world.container)
    assert world.bells.rung == [Queue.PLACEMENT]
    answers.set()
    slow.stop()


def test_another_clock_leads_at_once_when_one_was_stopped(redis_server: RedisServer) -> None:
    gone = Event()
    rounds = Rounds("looking", gone.set, Leases(redis_server.client), every=60, lease=60)
    rounds.start()
    assert gone.wait(10)
    rounds.stop()
    assert not redis_server.client.exists(keys.lease("looking"))


def test_each_round_of_the_clock_has_a_lease_of_its_own(world: World) -> None:
    names = [each._name for each in clock.rounds(world.container, Lease())]
    assert len(set(names)) == len(names) > 5
