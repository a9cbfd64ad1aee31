"""A payment is captured once, in time, and only for an order that was read back: reconcile_order, follow_payment."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.retries import POISON_AFTER
from tests.fakes.gateway import VISA
from tests.usecases.world import Crash, World, an_authorized_order, deaths_of_workers, released

DAY = timedelta(days=1)
EFFECT = pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])


# --- the capture


@EFFECT
def test_a_lost_answer_to_the_capture_is_unknown_and_then_found_out(after_effect: bool) -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("lost"), after_effect)
    world.shifts_work(Queue.PLACEMENT)
    assert world.headline is Headline.CHECKING
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]


@EFFECT
def test_an_error_that_is_saved_under_the_captures_key_is_got_round(after_effect: bool) -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("500", key_spent=True), after_effect)
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1


def test_a_capture_that_is_put_off_is_not_hurried() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", TryAgain("down", after=60), times=3)
    world.time_passes(timedelta(seconds=59))
    assert world.gateway.calls["capture"] == 1
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.calls["capture"] == 4


def test_a_capture_that_again_and_again_ends_in_nothing_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", OutcomeUnknown("lost"), times=1_000)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.POISON])
    assert world.gateway.calls["capture"] == POISON_AFTER
    world.gateway._faults["capture"].clear()
    assert released(world, HoldCode.POISON).is_settled()


def test_a_capture_that_kills_whoever_makes_it_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", Crash(), times=1_000)
    assert (deaths_of_workers(world), world.holds) == (POISON_AFTER, [HoldCode.POISON])


def test_a_capture_that_is_refused_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.gateway.fail_next("capture", Refused("amount_too_large"))
    world.time_passes()
    assert world.holds == [HoldCode.PAYMENT_REFUSED]
    assert released(world, HoldCode.PAYMENT_REFUSED).is_settled()


def test_money_that_was_captured_by_hand_buys_the_goods_too() -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, world.order.total, "by hand")
    world.stripe_says(PaymentNews.CAPTURED)
    world.time_passes()
    assert world.is_settled()
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]


def test_money_that_was_given_back_by_hand_before_buys_nothing() -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, world.order.total, "by hand")
    world.gateway.refund(world.intent_id, world.order.total, "by hand too")
    world.stripe_says(PaymentNews.REFUNDED)
    world.time_passes()
    assert world.headline is Headline.REFUNDED
    assert world.is_undone()


def test_money_that_was_given_back_by_hand_afterwards_is_shown_as_refunded() -> None:
    world = an_authorized_order()
    world.time_passes()
    world.gateway.refund(world.intent_id, world.order.total, "by hand")
    world.stripe_says(PaymentNews.REFUNDED)
    world.time_passes()
    assert (world.headline, world.orders_there) == (Headline.REFUNDED, 1)
    assert world.mails[-1] is NoticeKind.REFUNDED


# --- the deadline of the authorization


def days(count: float) -> timedelta:
    return timedelta(days=count)


def test_a_day_ahead_of_the_deadline_a_person_is_asked() -> None:
    world = an_authorized_order()
    world.time_passes(days(5.9), Queue.PAYMENT, Queue.NOTICE)
    assert world.holds == []
    world.time_passes(days(0.2), Queue.PAYMENT, Queue.NOTICE)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PAYMENT_EXPIRING])
    assert world.order.holds[0].detail.startswith("2026-11-28")


def test_capturing_in_time_ends_the_hold_for_the_deadline() -> None:
    world = an_authorized_order()
    world.time_passes(days(6.5), Queue.PAYMENT, Queue.NOTICE)
    world.time_passes(timedelta(minutes=1))
    assert world.is_settled()
    assert world.holds == []


def test_an_authorization_that_lapsed_is_found_without_a_webhook_and_the_customer_is_asked() -> None:
    world = an_authorized_order()
    world.time_passes(days(6.5), Queue.PAYMENT, Queue.NOTICE)
    world.gateway.lapse(world.intent_id)
    world.time_passes(days(1), Queue.PAYMENT, Queue.NOTICE)
    assert (world.headline, world.holds) == (Headline.PAYMENT_NEEDED, [])
    told = [kind for kind in world.mails if kind is not NoticeKind.NEXT_WORD]
    assert told[:2] == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_an_authorization_that_stands_after_its_deadline_is_looked_at_without_hurry() -> None:
    world = an_authorized_order()
    world.time_passes(days(7), Queue.PAYMENT, Queue.NOTICE)
    before = world.gateway.calls["retrieve"]
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT, Queue.NOTICE)
    assert 0 < world.gateway.calls["retrieve"] - before <= 31


@pytest.mark.parametrize("placed", [False, True], ids=["before it was placed", "after it was verified"])
def test_after_a_lapse_another_card_pays_once(placed: bool) -> None:
    world = an_authorized_order()
    if placed:
        world.gateway.fail_next("capture", TryAgain("down", after=600))
        world.time_passes(timedelta(minutes=1))
        assert world.order.placement.state is PlacementState.VERIFIED
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.LAPSED)
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT, Queue.NOTICE)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.mails[-1] is NoticeKind.PAYMENT_NEEDED
    world.the_customer_gives(VISA)
    world.time_passes()
    assert world.is_settled()
    assert world.gateway.captures[world.ref] == 1


def test_a_capture_that_comes_too_late_asks_them_for_another_card() -> None:
    world = an_authorized_order()
    world.gateway.lapse(world.intent_id)
    world.time_passes()
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.order.payment.decline.code == "authorization_expired"
    assert world.order.payment.state is PaymentState.ACTION_REQUIRED
    assert {intent.state for intent in world.gateway.intents.values()} == {IntentState.VOIDED}


def test_an_authorization_that_ends_nobody_knows_when_is_looked_at_every_day() -> None:
    world = World()
    world.gateway.lasts = None
    world.a_customer_orders(VISA)
    world.time_passes(3.5 * DAY, Queue.PAYMENT, Queue.NOTICE)
    assert (world.headline, world.holds, world.gateway.calls["retrieve"]) == (Headline.WAITING, [], 3)

    world.gateway.lapse(world.intent_id)
    world.time_passes(DAY, Queue.PAYMENT, Queue.NOTICE)

    assert world.headline is Headline.PAYMENT_NEEDED
