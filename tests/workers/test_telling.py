"""The clock tells on call what the house looks like, and when there is no ledger to look at, that."""

from __future__ import annotations

from datetime import timedelta
from threading import Event

import pytest
from structlog.testing import capture_logs

from fallback.domain.alerts import Alert, State
from fallback.domain.errors import TryAgain
from tests.builders import NOW
from tests.domain.test_alerts import a_sight
from tests.fakes.outbox import FakeOutbox, FakeTeller
from tests.workers.conftest import World
from workers.rounds import Rounds
from workers.telling import AWAY_AFTER, Telling


class Ledger:
    """A lease that is ours, and a house to see, while Redis is there."""

    def __init__(self) -> None:
        self.away = False
        self.ours = True
        self.sight = a_sight()

    def hold(self, name: str, seconds: float) -> bool:
        self._reach()
        return self.ours

    def see(self, _: object) -> object:
        self._reach()
        return self.sight

    def _reach(self) -> None:
        if self.away:
            raise TryAgain("away")


class OnCall:
    def __init__(self, world: World) -> None:
        self.world = world
        self.ledger = Ledger()
        self.chat = FakeTeller()
        world.container.outlook, world.container.outbox = self.ledger, FakeOutbox()
        world.container.tellers = {"chat": self.chat}
        self.telling = Telling(world.container, self.ledger)

    def look(self, *, after: timedelta = timedelta()) -> None:
        self.world.later(after)
        self.telling.once()

    def look_in_vain(self, *, after: timedelta = timedelta()) -> None:
        with pytest.raises(TryAgain):
            self.look(after=after)

    @property
    def heard(self) -> list[tuple[Alert, State]]:
        return [(told.alert, told.state) for told in self.chat.heard]


@pytest.fixture
def on_call(world: World) -> OnCall:
    return OnCall(world)


def test_what_is_seen_is_told_in_the_same_round(on_call: OnCall) -> None:
    on_call.ledger.sight = a_sight(oldest_waiting=NOW - timedelta(hours=2))
    on_call.look()
    on_call.look()
    assert on_call.heard == [(Alert.ORDER_TOO_OLD, State.BEGUN)]


def test_who_does_not_lead_tells_nothing(on_call: OnCall) -> None:
    on_call.ledger.ours = False
    on_call.ledger.sight = a_sight(oldest_waiting=NOW - timedelta(hours=2))
    on_call.look()
    assert on_call.heard == []


def test_a_ledger_that_is_away_is_told_without_it_once_and_when_it_is_back(on_call: OnCall) -> None:
    on_call.ledger.away = True
    on_call.look_in_vain()
    on_call.look_in_vain(after=AWAY_AFTER - timedelta(seconds=1))
    assert on_call.heard == []
    for _ in range(2):
        on_call.look_in_vain(after=timedelta(seconds=1))
        assert on_call.heard == [(Alert.LEDGER_AWAY, State.BEGUN)]
    on_call.ledger.away = False
    on_call.look()
    assert on_call.heard[1:] == [(Alert.LEDGER_AWAY, State.OVER)]


def test_a_short_absence_wakes_nobody(on_call: OnCall) -> None:
    on_call.ledger.away = True
    on_call.look_in_vain()
    on_call.ledger.away = False
    on_call.look(after=AWAY_AFTER)
    on_call.ledger.away = True
    on_call.look_in_vain()
    assert on_call.heard == []


def test_an_address_that_is_away_too_is_no_reason_to_stop(on_call: OnCall) -> None:
    on_call.chat.fails = TryAgain("no network")
    on_call.ledger.away = True
    on_call.look_in_vain()
    with capture_logs() as logs:
        on_call.look_in_vain(after=AWAY_AFTER)
    assert [line["event"] for line in logs] == ["alert_lost"]


def test_rounds_go_on_after_one_that_failed_and_tell_of_it_once() -> None:
    failing, rounds_made, enough = [True, True, False], [], Event()

    def once() -> None:
        rounds_made.append(1)
        if len(rounds_made) > len(failing):
            enough.set()
        elif failing[len(rounds_made) - 1]:
            raise TryAgain("away")

    rounds = Rounds("looking", 0, once)
    with capture_logs() as logs:
        rounds.start()
        assert enough.wait(5)
        rounds.stop()
    assert [line["event"] for line in logs] == ["round_failed", "round_works_again"]
