"""The clock tells on call what the house looks like, and when there is no ledger to look at, that."""

from __future__ import annotations

from datetime import timedelta

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import TryAgain
from fallback.domain.oncall.alerts import Alert, AlertState, Snapshot
from tests.builders import NOW
from tests.domain.oncall.test_alerts import a_snapshot
from tests.fakes.outbox import FakeChannel, FakeOutbox
from tests.workers.conftest import World
from workers.alerting import AWAY_AFTER, Alerting


class House:
    """A house to see, while Redis is there."""

    def __init__(self) -> None:
        self.away = False
        self.snapshot = a_snapshot()

    def see(self, _: object) -> Snapshot:
        if self.away:
            raise TryAgain("away")
        return self.snapshot


class OnCall:
    def __init__(self, world: World) -> None:
        self.world = world
        self.house = House()
        self.chat = FakeChannel()
        world.container.overview, world.container.outbox = self.house, FakeOutbox()
        self.lead = FakeChannel("lead")
        world.container.alert_channels, world.container.escalation_channels = {"chat": self.chat}, {"lead": self.lead}
        self.notification = Alerting(world.container)

    def look(self, *, after: timedelta = timedelta()) -> None:
        """A round of the clock."""
        self.world.later(after)
        try:
            self.notification.once()
        except TryAgain as error:
            self.notification.ended(error)
        else:
            self.notification.ended(None)

    @property
    def heard(self) -> list[tuple[Alert, AlertState]]:
        return [(told.alert, told.state) for told in self.chat.heard]


@pytest.fixture
def on_call(world: World) -> OnCall:
    return OnCall(world)


def test_an_alert_is_sent_in_the_round_that_raised_it(on_call: OnCall) -> None:
    on_call.house.snapshot = a_snapshot(oldest_waiting=NOW - timedelta(hours=2))
    on_call.look()
    on_call.look()
    assert on_call.heard == [(Alert.ORDER_TOO_OLD, AlertState.BEGUN)]


def test_a_ledger_that_is_away_is_told_without_it_once_and_when_it_is_back(on_call: OnCall) -> None:
    on_call.house.away = True
    on_call.look()
    on_call.look(after=AWAY_AFTER - timedelta(seconds=1))
    assert on_call.heard == []
    for _ in range(2):
        on_call.look(after=timedelta(seconds=1))
        assert on_call.heard == [(Alert.LEDGER_AWAY, AlertState.BEGUN)]
    on_call.house.away = False
    on_call.look()
    assert on_call.heard[1:] == [(Alert.LEDGER_AWAY, AlertState.OVER)]


def test_a_ledger_that_stays_away_is_escalated_once_and_again_only_after_it_was_back(on_call: OnCall) -> None:
    unanswered = on_call.world.container.alert_limits.unanswered
    assert unanswered
    for times in (1, 2):
        on_call.house.away = True
        on_call.look()
        on_call.look(after=unanswered - timedelta(seconds=1))
        assert len(on_call.lead.heard) == times - 1
        for _ in range(2):
            on_call.look(after=timedelta(seconds=1))
        assert [told.state for told in on_call.lead.heard] == [AlertState.ESCALATED] * times
        on_call.house.away = False
        on_call.look()


def test_a_short_absence_wakes_nobody(on_call: OnCall) -> None:
    on_call.house.away = True
    on_call.look()
    on_call.house.away = False
    on_call.look(after=AWAY_AFTER)
    on_call.house.away = True
    on_call.look()
    assert on_call.heard == []


def test_an_address_that_is_away_too_is_no_reason_to_stop(on_call: OnCall) -> None:
    on_call.chat.fails = TryAgain("no network")
    on_call.house.away = True
    on_call.look()
    with capture_logs() as logs:
        on_call.look(after=AWAY_AFTER)
    assert [line["event"] for line in logs] == ["alert_lost"]
