"""Disputes, reviews and fraud warnings are shown in the timeline, and hold an order until it is captured."""

from __future__ import annotations

from datetime import timedelta
from itertools import count

import pytest

from fallback.domain.incident.balance import Balance, Count, Sum
from fallback.domain.incident.incident import by_switch
from fallback.domain.incident.incident_report import as_csv, as_markdown
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.usecases.payment.hear_concern import hear_concern
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.world import TOTAL, World, an_authorized_order

DISPUTE, REVIEW, WARNING = ConcernKind
OPEN, CLEARED, UPHELD = ConcernState
DAY = timedelta(days=1)
EVENTS = count(1)


def said(world: World, kind: ConcernKind, state: ConcernState, id: str = "one", event_id: str = "") -> None:
    concern = Concern(id, kind, state, world.now, TOTAL if kind is DISPUTE else 0, "why")
    hear_concern(world.container, event_id or f"evt_{next(EVENTS)}", concern, world.intent_id)


def counted(world: World) -> Balance:
    metrics = Count("incident", ())
    metrics.add(world.order, world.ledger.timeline(world.ref))
    return metrics.balance(world.now, 1, (), {})


@pytest.mark.parametrize("kind", ConcernKind)
def test_nothing_is_captured_and_nothing_is_placed_while_it_is_open(kind: ConcernKind) -> None:
    world = an_authorized_order()
    said(world, kind, OPEN)
    world.time_passes(DAY)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PAYMENT_DOUBTED])
    assert (world.captured, world.orders_there) == (0, 0)
    assert world.order.owner
    assert f"{kind}_open" in world.told


def test_a_review_that_approves_it_lets_it_go_on() -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    world.time_passes(DAY)
    said(world, REVIEW, CLEARED)
    world.time_passes(DAY)
    assert world.is_settled()
    assert "review_cleared" in world.told


def test_an_upheld_concern_puts_the_order_on_hold() -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    said(world, REVIEW, UPHELD)
    world.time_passes(DAY)
    assert world.holds == [HoldCode.PAYMENT_DOUBTED]
    release_hold(world.container, world.ref, HoldCode.PAYMENT_DOUBTED, "Ann")
    world.time_passes(DAY)
    assert world.is_settled()


def test_the_hold_ends_only_when_every_concern_is_cleared() -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    said(world, WARNING, OPEN, "two")
    said(world, REVIEW, CLEARED)
    assert world.holds == [HoldCode.PAYMENT_DOUBTED]
    said(world, WARNING, CLEARED, "two")
    assert world.holds == []


def test_after_the_capture_it_is_told_and_stops_nothing() -> None:
    world = an_authorized_order()
    world.time_passes(DAY)
    said(world, DISPUTE, OPEN)
    assert world.is_settled()
    assert "dispute_open" in world.told
    assert counted(world).doubted.amounts == {"EUR": TOTAL}
    assert counted(world).lost.orders == 0


def test_a_dispute_that_was_lost_is_lost_money_and_one_that_was_won_is_not() -> None:
    world = an_authorized_order()
    world.time_passes(DAY)
    for id in ("one", "two"):
        said(world, DISPUTE, OPEN, id)
    said(world, REVIEW, UPHELD, "three")
    said(world, DISPUTE, CLEARED, "one")
    assert counted(world).lost.orders == 0
    said(world, DISPUTE, UPHELD, "two")
    balance = counted(world)
    assert (balance.doubted.orders, balance.lost) == (0, Sum(1, {"EUR": TOTAL}))
    assert "- Lost to disputes: 1 orders, 30.93 EUR" in as_markdown(by_switch(world.modes.read(), 0), balance)
    assert ["lost", "EUR", "", str(TOTAL)] in [line.split(",")[2:] for line in as_csv(balance).splitlines()]


def test_news_that_comes_late_or_twice_changes_nothing() -> None:
    world = an_authorized_order()
    said(world, REVIEW, CLEARED)
    before = world.order
    for _ in range(2):
        said(world, REVIEW, OPEN)
    said(world, REVIEW, CLEARED)
    assert world.order == before
    assert world.told.count("review_cleared") == 1
    said(world, WARNING, OPEN, "two", "evt_same")
    said(world, WARNING, CLEARED, "two", "evt_same")
    assert world.holds == [HoldCode.PAYMENT_DOUBTED]


def test_an_order_that_is_undone_is_undone_all_the_same() -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    world.the_customer_cancels()
    world.time_passes(DAY)
    assert world.is_undone()
    assert world.order.payment.state is PaymentState.VOIDED


def test_the_payment_of_somebody_else_on_the_same_account_is_none_of_ours() -> None:
    world = an_authorized_order()
    before = world.order
    hear_concern(world.container, "evt_1", Concern("x", DISPUTE, OPEN, world.now), "pi_of_another_system")
    assert (world.order, world.ledger.inbox) == (before, {})


def test_a_warning_that_is_heard_while_the_capture_runs_holds_nothing_once_it_is_captured() -> None:
    world = an_authorized_order()
    world.meanwhile("gateway", "capture", lambda: said(world, WARNING, OPEN))
    world.time_passes(2 * DAY)
    assert {"fraud_warning_open", "on_hold"} <= set(world.told)
    assert world.is_settled()
    assert world.holds == []
    assert [concern.is_open for concern in world.order.concerns] == [True]
    assert world.mails[-1] is NoticeKind.PLACED


@pytest.mark.parametrize("state", [None, UPHELD], ids=["open", "upheld"])
def test_the_doubt_ends_with_the_payment_that_it_is_about(state: ConcernState | None) -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    if state:
        said(world, REVIEW, state)
        world.time_passes(DAY)
    world.gateway.cancel_in_dashboard(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED)
    world.time_passes(DAY)
    assert (world.headline, world.holds) == (Headline.PAYMENT_NEEDED, [])
    world.the_customer_gives()
    world.time_passes(timedelta(seconds=1), Queue.PAYMENT)
    said(world, REVIEW, OPEN, "of the new card")
    assert world.holds == [HoldCode.PAYMENT_DOUBTED]
    said(world, REVIEW, CLEARED, "of the new card")
    world.time_passes(DAY)
    assert world.is_settled()


def test_a_payment_that_was_cancelled_with_its_review_is_looked_at_although_only_the_review_is_told() -> None:
    world = an_authorized_order()
    said(world, REVIEW, OPEN)
    world.gateway.cancel_in_dashboard(world.intent_id)
    said(world, REVIEW, UPHELD)
    world.time_passes(DAY)
    assert (world.headline, world.holds) == (Headline.PAYMENT_NEEDED, [])
    assert "authorization_cancelled" in world.told


@pytest.mark.parametrize("kind", [REVIEW, WARNING])
@pytest.mark.parametrize("state", [OPEN, UPHELD])
def test_a_concern_about_a_voided_payment_causes_no_hold(kind: ConcernKind, state: ConcernState) -> None:
    world = an_authorized_order()
    gone = world.intent_id
    world.gateway.cancel_in_dashboard(gone)
    world.stripe_says(PaymentNews.VOIDED)
    world.time_passes(DAY)
    for given in (False, True):
        if given:
            world.the_customer_gives()
            world.time_passes(timedelta(seconds=1), Queue.PAYMENT)
        hear_concern(world.container, f"evt_{given}", Concern(f"{given}", kind, state, world.now), gone)
        assert (world.holds, counted(world).doubted.orders) == ([], 0)
    assert f"{kind}_{state}" in world.told
    world.time_passes(DAY)
    assert world.is_settled()


def test_a_review_that_opens_after_the_order_was_undone_is_not_waited_for() -> None:
    world = an_authorized_order()
    world.the_customer_cancels()
    world.time_passes(DAY)
    said(world, REVIEW, OPEN)
    assert (world.holds, counted(world).doubted.orders) == ([], 0)


def test_a_dispute_about_money_that_went_back_is_looked_at_all_the_same() -> None:
    world = an_authorized_order()
    world.time_passes(DAY)
    world.the_customer_cancels()
    world.time_passes(DAY)
    said(world, DISPUTE, OPEN)
    assert counted(world).doubted.orders == 1
