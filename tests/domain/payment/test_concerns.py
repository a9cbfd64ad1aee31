"""Disputes, reviews and fraud warnings are recorded once each, whenever they arrive."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.concern import Concern, ConcernKind, ConcernState, lost
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Event, Order, PaymentState, Placement, PlacementState
from fallback.domain.payment import concerns
from tests.builders import NOW, a_hold, a_payment, an_order

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(hours=1)
DISPUTE = Concern("du_1", ConcernKind.DISPUTE, ConcernState.OPEN, NOW, amount=3093, reason="fraudulent")
REVIEW = Concern("prv_1", ConcernKind.REVIEW, ConcernState.OPEN, NOW, reason="rule")
CLEARED, UPHELD = ConcernState.CLEARED, ConcernState.UPHELD
CAPTURED = an_order(payment=a_payment(P.CAPTURED), placement=S.VERIFIED)


def heard(order: Order, concern: Concern, intent: str = "pi_1") -> Change:
    change = concerns.heard(order, concern, intent, LATER, "the desk")
    assert change
    return change


def test_before_goods_and_money_change_hands_it_is_a_reason_to_wait() -> None:
    order = an_order()
    there = heard(order, REVIEW)
    [hold] = there.order.holds
    assert (hold.code, hold.owner, hold.since, hold.detail) == (HoldCode.PAYMENT_DOUBTED, "the desk", LATER, "review")
    assert there.order == replace(order, concerns=(REVIEW,), holds=(hold,))
    assert there.events == (
        Event(LATER, "review_open", "stripe", {"reason": "rule"}),
        Event(LATER, "on_hold", "worker", {"code": "payment_doubted", "detail": "review"}),
    )


@pytest.mark.parametrize("order", [CAPTURED, an_order(cancel_asked=True), an_order(placement=S.CANCELLED)])
def test_a_dispute_after_the_capture_is_recorded_without_a_hold(order: Order) -> None:
    assert heard(order, DISPUTE) == Change(
        replace(order, concerns=(DISPUTE,)),
        (Event(LATER, "dispute_open", "stripe", {"reason": "fraudulent", "amount": 3093}),),
    )


def test_a_decided_concern_never_opens_again_and_is_recorded_once() -> None:
    for before, news in ((REVIEW, REVIEW), (replace(REVIEW, state=CLEARED), REVIEW)):
        assert concerns.heard(an_order(concerns=(before,)), news, "pi_1", LATER, "the desk") is None
    decided = replace(REVIEW, state=UPHELD)
    assert concerns.heard(an_order(concerns=(decided,)), replace(decided, state=CLEARED), "pi_1", LATER, "x") is None


def test_a_concern_keeps_the_time_at_which_it_was_opened() -> None:
    order = replace(CAPTURED, concerns=(REVIEW, DISPUTE))
    decided = replace(REVIEW, state=CLEARED, since=LATER)
    assert heard(order, decided).order.concerns == (DISPUTE, replace(decided, since=NOW))


def test_an_order_continues_at_once_when_all_its_concerns_are_cleared() -> None:
    waits = an_order(concerns=(REVIEW, DISPUTE), holds=(a_hold(HoldCode.PAYMENT_DOUBTED), a_hold(HoldCode.MISMATCH)))
    one = heard(waits, replace(REVIEW, state=CLEARED)).order
    assert (one.holds, one.placement) == (waits.holds, waits.placement)
    both = heard(one, replace(DISPUTE, state=CLEARED)).order
    assert [hold.code for hold in both.holds] == [HoldCode.MISMATCH]
    assert both.placement == replace(waits.placement, due_at=LATER)
    assert heard(an_order(concerns=(REVIEW,)), replace(REVIEW, state=CLEARED)).order.placement == Placement()


@pytest.mark.parametrize(("payment", "looked_at"), [(P.AUTHORIZED, LATER), (P.CAPTURED, None), (P.PENDING, None)])
def test_an_upheld_review_makes_the_payment_due_for_a_read(payment: PaymentState, looked_at: Any) -> None:
    order = an_order(payment=a_payment(payment, intent="pi_1"), concerns=(REVIEW,), holds=(a_hold("payment_doubted"),))
    there = heard(order, replace(REVIEW, state=UPHELD)).order
    assert there.payment.due_at == looked_at
    assert there.holds == order.holds
    assert heard(order, replace(REVIEW, state=CLEARED)).order.payment.due_at is None


@pytest.mark.parametrize(
    ("order", "intent"), [(an_order(), "pi_0"), (an_order(payment=a_payment(P.VOIDED, intent="pi_1")), "pi_1")]
)
def test_only_a_dispute_stays_open_after_a_payment_is_voided(order: Order, intent: str) -> None:
    assert heard(order, REVIEW, intent).order.concerns == (replace(REVIEW, state=CLEARED),)
    assert heard(order, REVIEW, intent).order.holds == ()
    assert heard(order, DISPUTE, intent).order.concerns == (DISPUTE,)


@pytest.mark.parametrize(("granted", "state"), [(2093, GrantState.GRANTED), (2094, GrantState.DECLINED)])
def test_what_the_bank_took_back_is_not_refunded_as_well(granted: int, state: GrantState) -> None:
    """The rest of the payment is: 30.93 EUR were paid, and 10.00 EUR of them are lost."""
    grant = Grant(
        id=1, kind=GrantKind.REFUND, amount=granted, reason="broken", who="Ann", at=NOW, incident="standby",
        state=GrantState.GRANTED,
    )  # fmt: skip
    order = replace(CAPTURED, concerns=(replace(DISPUTE, amount=1000),), grants=(grant,))
    decided = heard(order, replace(DISPUTE, amount=1000, state=UPHELD)).order
    assert decided.grants == (replace(grant, state=state),)
    won = heard(order, replace(DISPUTE, amount=1000, state=CLEARED)).order
    assert won.grants == order.grants


def test_money_lost_is_the_sum_of_lost_disputes() -> None:
    both = replace(CAPTURED, concerns=(replace(DISPUTE, state=UPHELD), replace(DISPUTE, id="du_2", amount=5)))
    assert (lost(both.concerns), concerns.open_ones(both)) == (3093, (both.concerns[1],))
