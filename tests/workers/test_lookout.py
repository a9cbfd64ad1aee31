"""The thread that looks after the primary: it leads by a lease, keeps its pace, and outlives what goes wrong."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from threading import Event
from time import monotonic
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import TryAgain
from fallback.domain.failover import Failover
from fallback.domain.mode import Mode
from fallback.domain.order import Queue
from fallback.ledger import keys
from fallback.ledger.modes import Modes
from fallback.ledger.sightings import RedisSightings
from tests.demo.waiting import eventually
from tests.fakes.sightings import FakeLookout
from tests.proxy.standins import Standin, free_port
from tests.redis_server import RedisServer
from tests.workers.conftest import World
from tests.workers.running import Program
from workers import clock
from workers.lookout import LEASE, LookingOut


class Leases:
    """Ours or not, as the test says."""

    def __init__(self, ours: bool = True) -> None:
        self.ours = ours

    def hold(self, name: str, seconds: float) -> bool:
        return self.ours

    def release(self, name: str) -> None:
        self.ours = False


@pytest.fixture
def lookout(world: World) -> FakeLookout:
    world.container.lookout = FakeLookout()
    return world.container.lookout


def test_who_leads_looks_and_tells_what_follows_when_it_changes(world: World, lookout: FakeLookout) -> None:
    looking = LookingOut(world.container, Leases())
    with capture_logs() as logs:
        looking.look_once()
        looking.look_once()
    assert lookout.looks == 2
    assert [(told["event"], told["reason"]) for told in logs] == [("advice", "well")]


def test_who_does_not_lead_does_not_look(world: World, lookout: FakeLookout) -> None:
    LookingOut(world.container, Leases(ours=False)).look_once()
    assert lookout.looks == 0


def test_it_never_looks_more_often_than_the_setting_says(world: World, monkeypatch: pytest.MonkeyPatch) -> None:
    """A look that took half a second is followed by a pause of the rest."""
    world.container.lookout = FakeLookout()
    looking, pauses, times = LookingOut(world.container, Leases()), [], iter([10.0, 10.5, 12.0, 15.0])

    def wait(pause: float) -> bool:
        pauses.append(pause)
        return len(pauses) == 3

    monkeypatch.setattr("workers.lookout.monotonic", lambda: next(times))
    monkeypatch.setattr(looking, "_stopped", Stopped(wait))
    looking._run()
    assert pauses == [0.0, 1.5, 0.0]


class Stopped(Event):
    def __init__(self, wait: Any) -> None:
        super().__init__()
        self.wait = wait  # type: ignore[method-assign]


def test_a_look_that_fails_is_told_once_and_does_not_end_the_looking(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    outcomes = iter([TryAgain("away"), ValueError("a bug"), None, None])

    def look_once() -> None:
        error = next(outcomes)
        if error:
            raise error

    looking, rounds = LookingOut(world.container, Leases()), iter([False, False, False, False, True])
    monkeypatch.setattr(looking, "look_once", look_once)
    monkeypatch.setattr(looking, "_stopped", Stopped(lambda _: next(rounds)))
    with capture_logs() as logs:
        looking._run()
    assert [told["event"] for told in logs] == ["look_failed", "looks_again"]


def test_a_primary_that_does_not_answer_delays_no_bell(world: World) -> None:
    class Silent(FakeLookout):
        asked, answers = Event(), Event()

        def look(self) -> Any:
            self.asked.set()
            self.answers.wait(20)
            return super().look()

    silent = world.container.lookout = Silent()
    looking = LookingOut(world.container, Leases())
    looking.start()
    assert silent.asked.wait(10)
    world.orders(1)
    clock.tick(world.container, Leases())
    assert world.bells.rung == [Queue.PLACEMENT]
    silent.answers.set()
    looking.stop()


@pytest.fixture
def shop() -> Iterator[Standin]:
    standin = Standin('{"status":"ok","duplicates":"enforced"}', free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def elsewhere() -> Iterator[Standin]:
    standin = Standin("something else", free_port())
    standin.start()
    yield standin
    standin.stop()


def test_ten_seconds_after_a_shop_died_the_mode_is_active_without_a_proxy_or_a_customer(
    redis_server: RedisServer, shop: Standin, elsewhere: Standin
) -> None:
    sightings, modes = RedisSightings(redis_server.client), Modes(redis_server.client)
    settings = {
        "primary_url": f"http://127.0.0.1:{shop.port}",
        "stripe_api_base": f"http://127.0.0.1:{elsewhere.port}",
        "fallback_failover": Failover.AUTOMATIC,
    }
    with Program("workers.clock", redis_server, **settings) as program:
        eventually(lambda: (seen := sightings.read()) and seen.evidence.looks[-1].well, within=15)
        shop.stop()
        died = monotonic()
        eventually(lambda: modes.read().mode is Mode.ACTIVE, within=10)
        assert monotonic() - died < 10
        program.signal(signal.SIGTERM)
        assert program.ended() == 0
    assert not redis_server.client.exists(keys.lease(LEASE))
