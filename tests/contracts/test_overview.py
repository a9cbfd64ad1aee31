"""The snapshot that alerts are based on, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.checkout.journal import JournalSign
from fallback.domain.incident.balance import Count, Difference, DifferenceCode, Side
from fallback.domain.oncall.alerts import Snapshot
from fallback.domain.oncall.drill import DrillOutcome, begin, ended
from fallback.domain.order.announcements import Away
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Payment, PaymentState, Queue
from fallback.domain.outage.failover import Advice, Evidence, Failover, Observation, Why
from fallback.domain.outage.mode import Decider, Mode, ModeState
from fallback.ledger.oncall import overview as overviews
from fallback.ledger.oncall.overview import RedisOverview
from tests.builders import NOW
from tests.fakes.overview import FakeOverview
from tests.ledger.order.damaging import damage
from tests.ledger.world import a_container, a_new_order, accepted
from tests.redis_server import RedisServer

PAID = Payment(amount=3093, state=PaymentState.AUTHORIZED, intent="pi_1", authorized=3093)
SWITCH = Observation(NOW, Evidence(), Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4}))


def see(house: Container, after: timedelta = timedelta()) -> Snapshot:
    overview: RedisOverview | FakeOverview = house.overview
    return overview.see(NOW + after)


def test_an_empty_installation_has_nothing_to_report(house: Container) -> None:
    snapshot = see(house)
    assert (snapshot.mode.mode, snapshot.advice, snapshot.not_ready) == (Mode.STANDBY, None, ())
    assert (snapshot.oldest_waiting, snapshot.oldest_due, snapshot.holds) == (None, {}, {})
    assert (snapshot.differences, snapshot.stale_webhook, snapshot.clocks_off) == (0, None, {})


def test_the_overview_knows_the_oldest_order_that_waits_for_the_shop(
    house: Container,
) -> None:
    ledger = house.ledger
    accepted(ledger, a_new_order(payment=PAID, received_at=NOW - timedelta(minutes=5)))
    accepted(ledger, a_new_order(payment=PAID, received_at=NOW))
    snapshot = see(house)
    assert snapshot.oldest_waiting == NOW - timedelta(minutes=5)
    assert snapshot.oldest_due[Queue.PLACEMENT] == NOW - timedelta(minutes=5)


def test_what_is_due_later_is_not_due(house: Container) -> None:
    accepted(house.ledger, a_new_order(received_at=NOW + timedelta(minutes=1)))
    assert Queue.PAYMENT not in see(house).oldest_due
    assert Queue.PAYMENT in see(house, after=timedelta(minutes=1)).oldest_due
    assert Queue.PAYMENT in see(house, after=timedelta(minutes=2)).oldest_due


def test_holds_are_counted_by_their_code(house: Container) -> None:
    hold = new_hold(HoldCode.PAYMENT_EXPIRING, "desk", NOW)
    ledger = house.ledger
    order = accepted(ledger)
    ledger.commit(order, a_new_order(ref=order.ref, cart_id=order.cart_id, holds=(hold,)), [])
    assert see(house).holds == {HoldCode.PAYMENT_EXPIRING: 1}


@pytest.mark.parametrize(("failover", "seen"), [(Failover.ADVISE, SWITCH.advice), (Failover.AUTOMATIC, None)])
def test_advice_that_is_left_to_a_person_is_seen_and_a_switch_that_the_machine_makes_itself_is_not(
    house: Container, failover: Failover, seen: Advice | None
) -> None:
    house.failover = failover
    house.modes.switch(ModeState(Mode.STANDBY, NOW, "fallback", "handed over", Decider.MACHINE))
    house.observations.write(SWITCH)
    assert see(house).advice == seen
    house.modes.switch(ModeState(Mode.STANDBY, NOW, "Omar", "a drill", until=NOW + timedelta(hours=1)))
    assert see(house).advice == SWITCH.advice
    house.modes.switch(ModeState(Mode.ACTIVE, NOW, "Omar", "as advised"))
    assert see(house).advice is None


def test_payments_in_doubt_are_counted(house: Container) -> None:
    order = accepted(house.ledger)
    concern = Concern("dp_1", ConcernKind.DISPUTE, ConcernState.OPEN, NOW)
    house.ledger.commit(order, replace(order, concerns=(concern,)), [])
    assert see(house).doubted == 1


def test_receivers_of_order_events_that_take_none_are_seen(house: Container) -> None:
    away = Away("desk.example.org", NOW, "gone", 1, NOW)
    house.announcements.note_away("desk", away)
    assert see(house).receivers_away == (away,)


def test_clocks_that_are_off_are_seen_at_computers_and_at_webhooks(house: Container) -> None:
    house.heartbeats.machine_is_off("web-1", 7, NOW)
    house.heartbeats.webhook_was_stale(400)
    snapshot = see(house)
    assert (snapshot.clocks_off, snapshot.stale_webhook) == ({"web-1": 7}, 400)


def test_a_journal_that_is_not_replayed_is_seen(house: Container) -> None:
    sign = JournalSign(2, NOW, 0)
    house.heartbeats.journal_has("web-1", sign, NOW)
    assert see(house).journals == {"web-1": sign}


def test_differences_of_standby_are_counted_and_those_of_an_incident_are_not(house: Container) -> None:
    difference = Difference(Side.LEDGER, DifferenceCode.KEPT)
    for incident, count in (("2026-11-21", 5), (NO_INCIDENT, 2), (NO_INCIDENT, 1)):
        sheet = Count(incident, ()).balance(NOW, 0, (), {})
        house.books.keep(replace(sheet, differences=(difference,) * count))
    assert see(house).differences == 1


def test_the_last_drill_that_came_to_an_end_is_seen(house: Container) -> None:
    drills = house.drills
    for outcome in (DrillOutcome.FAILED, DrillOutcome.INTERRUPTED):
        drill = begin("clock", paid=True, now=NOW)
        drills.begin(drill)
        drills.keep(ended(drill, outcome, NOW), instead_of=drill)
    last = see(house).drill
    assert last
    assert last.outcome is DrillOutcome.FAILED


# --- in Redis


def test_a_redis_that_is_not_durable_is_seen(mortal_redis: RedisServer) -> None:
    mortal_redis.client.config_set("appendfsync", "everysec")
    assert see(a_container(mortal_redis.url)).not_ready == ("Redis has appendfsync everysec: set it to always.",)


def test_damaged_orders_hide_the_one_behind_them_only_if_they_are_too_many(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(overviews, "AMONG", 2)
    house = a_container(redis_server.url)
    for second in range(3):
        waits = accepted(house.ledger, a_new_order(payment=PAID, received_at=NOW + timedelta(seconds=second)))
        oldest = see(house).oldest_waiting
        assert oldest == (None if second == 2 else waits.received_at)
        damage(house, waits)
