"""Alerts are sent once to every channel, later to an unavailable one, and not to a removed one."""

from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import Acknowledged, Alert, AlertLimits, AlertState, Outbox, Snapshot
from fallback.ledger.oncall.outbox import ROOM
from fallback.usecases.oncall.acknowledge_alert import acknowledge_alert
from fallback.usecases.oncall.raise_alerts import raise_alerts
from fallback.usecases.oncall.send_alerts import send_alerts
from tests.builders import NOW, deps
from tests.domain.oncall.test_alerts import a_snapshot
from tests.fakes.outbox import FakeChannel, FakeOutbox
from tests.ledger.world import a_container
from tests.redis_server import RedisServer
from tests.refusals import not_now

UNANSWERED = timedelta(minutes=15)
TROUBLE = a_snapshot(not_ready=("Redis cannot write its append-only file.",))


class World:
    def __init__(self, outbox: Outbox) -> None:
        self.now = NOW
        self.outbox = outbox
        self.chat, self.pager, self.lead = FakeChannel("chat"), FakeChannel("pager"), FakeChannel("lead")
        self.snapshot = a_snapshot()

    def clock(self) -> datetime:
        return self.now

    def see(self, _: datetime) -> Snapshot:
        return self.snapshot

    def look(self) -> None:
        limits = AlertLimits(timedelta(hours=1), 20, UNANSWERED)
        raise_alerts(
            deps(
                overview=self,
                outbox=self.outbox,
                alert_channels=dict.fromkeys(["chat", "pager"]),
                escalation_channels=dict.fromkeys(["lead"]),
                alert_limits=limits,
                clock=self.clock,
            )
        )

    def send(self, *, after: timedelta = timedelta()) -> None:
        self.now += after
        alert_channels = {"chat": self.chat, "pager": self.pager}
        send_alerts(
            deps(
                outbox=self.outbox,
                alert_channels=alert_channels,
                escalation_channels={"lead": self.lead},
                clock=self.clock,
                random=Random(1),
            )
        )

    def heard(self) -> list[list[AlertState]]:
        return [[notification.state for notification in channel.heard] for channel in (self.chat, self.pager)]


class Latest(Random):
    """Whoever waits by it waits as long as may be."""

    def random(self) -> float:
        return 1.0


@pytest.fixture(params=["memory", "redis"])
def world(request: pytest.FixtureRequest) -> World:
    if request.param == "memory":
        return World(FakeOutbox())
    server: RedisServer = request.getfixturevalue("redis_server")
    return World(a_container(server.url).outbox)


def test_an_alert_goes_to_every_address_once(world: World) -> None:
    world.snapshot = TROUBLE
    for _ in range(3):
        world.look()
        world.send()
    assert world.heard() == [[AlertState.BEGUN], [AlertState.BEGUN]]


def test_every_channel_is_told_that_an_alert_is_over(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.snapshot = a_snapshot()
    world.look()
    world.send()
    assert world.heard() == [[AlertState.BEGUN, AlertState.OVER], [AlertState.BEGUN, AlertState.OVER]]


def test_an_urgent_alert_that_nobody_acknowledges_reaches_the_escalation_channels_too(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.send(after=UNANSWERED)
    world.look()
    world.send()
    assert world.heard() == [[AlertState.BEGUN, AlertState.ESCALATED]] * 2
    assert [notification.state for notification in world.lead.heard] == [AlertState.ESCALATED]


def test_one_that_is_acknowledged_does_not_and_the_first_to_acknowledge_it_is_kept(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    house = deps(outbox=world.outbox, clock=world.clock)
    with capture_logs() as logs:
        who = [acknowledge_alert(house, Alert.DURABILITY_LOST, it).who for it in "AB"]
    assert [(line["event"], line["kind"], line["who"]) for line in logs] == [
        ("alert_acknowledged", Alert.DURABILITY_LOST, "A")
    ]
    world.send(after=UNANSWERED)
    world.look()
    world.send()
    assert (who, world.lead.heard, world.heard()) == (["A", "A"], [], [[AlertState.BEGUN]] * 2)
    with not_now("over", "acknowledge", "alert_over", "This alert is not active."):
        acknowledge_alert(house, Alert.DRILL_FAILED, "A")


def test_of_two_at_the_same_moment_the_first_stays_and_both_are_told_so(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    first, second = (Acknowledged(who, world.now, NOW) for who in "AB")  # neither has seen the other
    assert [world.outbox.acknowledge(Alert.DURABILITY_LOST, each) for each in (first, second)] == [first, first]
    assert world.outbox.acknowledged() == {Alert.DURABILITY_LOST: first}


def test_who_meant_an_alert_that_has_ended_does_not_take_its_next_time(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    meant = Acknowledged("A", world.now, NOW)
    assert world.outbox.acknowledge(Alert.DURABILITY_LOST, meant) == meant
    for snapshot in (a_snapshot(), TROUBLE):  # it ends, and begins again
        world.now += timedelta(minutes=1)
        world.snapshot = snapshot
        world.look()
        assert world.outbox.acknowledge(Alert.DURABILITY_LOST, meant) is None
    again = Acknowledged("B", world.now, world.now)
    assert world.outbox.acknowledge(Alert.DURABILITY_LOST, again) == again


def test_an_address_that_is_away_gets_it_later_and_the_other_waits_for_nobody(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.pager.fails = TryAgain("away")
    world.send()
    assert world.heard() == [[AlertState.BEGUN], []]
    world.pager.fails = None
    world.send()
    assert world.pager.heard == []
    world.send(after=timedelta(minutes=1))
    assert world.heard() == [[AlertState.BEGUN], [AlertState.BEGUN]]
    assert world.chat.heard == world.pager.heard


def test_an_address_that_is_gone_is_not_tried_again(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.pager.fails = Refused("gone")
    world.send()
    world.pager.fails = None
    world.send(after=timedelta(hours=1))
    assert world.heard() == [[AlertState.BEGUN], []]


def test_a_notification_that_kills_its_sender_keeps_back_no_other(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.chat.fails = ValueError("a bug")
    with pytest.raises(ValueError, match="a bug"):
        world.send()
    world.send()
    assert world.heard() == [[], [AlertState.BEGUN]]


def test_an_address_that_is_away_is_waited_for_once_in_a_round(world: World) -> None:
    for snapshot in (TROUBLE, a_snapshot(), TROUBLE):
        world.now += timedelta(seconds=1)
        world.snapshot = snapshot
        world.look()
    world.pager.fails = TryAgain("away")
    world.send()
    assert (world.pager.asked, len(world.chat.heard)) == (1, 3)


def test_an_alert_older_than_a_day_is_not_sent(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.send(after=timedelta(days=1, seconds=1))
    assert world.heard() == [[], []]


def test_an_alert_of_just_a_day_is_sent(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.send(after=timedelta(days=1))
    assert world.heard() == [[AlertState.BEGUN], [AlertState.BEGUN]]


def test_an_address_that_never_answers_fills_no_memory(redis_server: RedisServer) -> None:
    world = World(a_container(redis_server.url).outbox)
    for number in range(ROOM):
        world.snapshot = a_snapshot() if number % 2 else TROUBLE
        world.now += timedelta(seconds=1)
        world.look()
    assert len(world.outbox.due(world.now, 2 * ROOM)) == ROOM
    [newest] = {due.notification.alert for due in world.outbox.due(world.now, 2 * ROOM)}
    assert newest is Alert.DURABILITY_LOST


def test_a_second_notification_for_a_channel_that_is_gone_is_dropped_in_the_same_round(world: World) -> None:
    world.snapshot = a_snapshot(not_ready=TROUBLE.not_ready, oldest_waiting=NOW - timedelta(hours=2))
    world.look()
    with capture_logs() as logs:
        send_alerts(
            deps(outbox=world.outbox, alert_channels={}, escalation_channels={}, clock=world.clock, random=Random(1))
        )
    assert {(line["event"], line["tries"]) for line in logs} == {("alert_dropped", 0)}
    assert {line["kind"] for line in logs} == {Alert.DURABILITY_LOST, Alert.ORDER_TOO_OLD}
    assert world.outbox.due(NOW, 10) == []


def test_postponed_and_refused_alerts_are_logged(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    away, no = TryAgain("away"), Refused("410")
    world.chat.fails, world.pager.fails = away, no
    with capture_logs() as logs:
        world.send()
    said = {line["event"]: line for line in logs}
    put_off, refused = said["alert_put_off"], said["alert_refused"]
    assert (put_off["kind"], put_off["tries"], put_off["exc_info"]) == (Alert.DURABILITY_LOST, 1, away)
    assert (refused["kind"], refused["reason"]) == (Alert.DURABILITY_LOST, "410")


def test_the_first_pause_is_one_to_four_seconds_long(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    world.chat.fails = TryAgain("away")
    random = Latest()
    channels = {"chat": world.chat}
    send_alerts(
        deps(outbox=world.outbox, alert_channels=channels, escalation_channels={}, clock=world.clock, random=random)
    )
    assert world.outbox.due(NOW + timedelta(seconds=1.9), 10) == []
    assert [due.tries for due in world.outbox.due(NOW + timedelta(seconds=2), 10)] == [1]


def test_an_alert_that_is_seen_again_is_not_stored_again(world: World) -> None:
    world.snapshot = TROUBLE
    world.look()
    memory = world.outbox.memory()
    world.now += timedelta(seconds=5)
    world.look()
    assert world.outbox.memory() == memory
    assert len(world.outbox.due(world.now, 10)) == 2
