"""A released authorization: its reason is told, and the next card starts over."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Decline,
    Event,
    Notice,
    NoticeKind,
    Order,
    PaymentState,
    PlacementState,
)
from fallback.domain.payment.letting_go import let_go
from tests.builders import NOW, a_hold, a_payment, an_order

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(days=7)
FULL = a_payment(
    P.AUTHORIZED,
    token="pm_card_visa",
    attempt=Attempt(Call.VOID, "key", NOW),
    asked_at=NOW,
    round=2,
    capture_before=NOW,
    due_at=NOW,
    next_action_url="https://bank.example",
)


def asked_for(kind: NoticeKind = NoticeKind.PAYMENT_NEEDED) -> tuple[Notice, ...]:
    return (Notice(id="1", kind=kind, due_at=LATER),)


def test_the_next_card_begins_with_nothing_of_the_last() -> None:
    order = an_order(payment=FULL)
    let = a_payment(P.ACTION_REQUIRED, intent=None, round=3, decline=Decline("authorization_expired", "customer"))
    assert let_go(order, LATER, lapsed=True) == Change(
        replace(order, payment=let, notices=asked_for()), (Event(LATER, "authorization_lapsed", "stripe"),)
    )


@pytest.mark.parametrize(
    ("payment", "lapsed", "what", "code", "outgrown"),
    [
        ({}, True, "authorization_lapsed", "authorization_expired", 0),
        ({}, False, "authorization_cancelled", "authorization_cancelled", 0),
        ({"authorized": 3092}, True, "released", "amount_raised", 3092),
        ({"authorized": 1}, False, "released", "amount_raised", 1),
        ({"state": P.ACTION_REQUIRED, "authorized": 0}, False, "payment_cancelled", "", 0),
        ({"state": P.ACTION_REQUIRED, "authorized": 0}, True, "payment_cancelled", "", 0),
    ],
)
def test_a_released_authorization_tells_its_reason(
    payment: dict[str, Any], lapsed: bool, what: str, code: str, outgrown: int
) -> None:
    change = let_go(an_order(payment=replace(FULL, attempt=None, **payment)), LATER, lapsed=lapsed)
    after = change.order.payment
    assert after.decline == (Decline(code, "customer") if code else None)
    assert (after.outgrown, after.authorized, after.state) == (outgrown, 0, P.ACTION_REQUIRED)
    assert change.events == (Event(LATER, what, "stripe"),)


def test_what_the_shop_has_may_leave_any_day_so_it_is_paid_within_one() -> None:
    order = an_order(payment=FULL, placement=S.VERIFIED)
    assert let_go(order, LATER, lapsed=True).order.payment.pay_by == LATER + timedelta(days=1)


def test_what_costs_nothing_any_more_asks_for_no_card() -> None:
    free = an_order(payment=replace(FULL, amount=0), placement=S.VERIFIED)
    let = let_go(free, LATER, lapsed=False)
    after = let.order.payment
    assert (after.decline, after.pay_by, after.outgrown) == (None, None, 3093)
    assert let.order.notices == asked_for(NoticeKind.PLACED)
    assert let.events == (Event(LATER, "released", "stripe"),)
    told = replace(free, notices=(Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW),))
    assert let_go(told, LATER, lapsed=False).order.notices == told.notices
    assert let_go(replace(free, placement=an_order().placement), LATER, lapsed=False).order.notices == ()


def test_a_released_authorization_ends_the_holds_about_it() -> None:
    dispute = Concern("du_1", ConcernKind.REVIEW, ConcernState.OPEN, NOW)
    holds = tuple(map(a_hold, (HoldCode.PAYMENT_EXPIRING, HoldCode.PAYMENT_DOUBTED, HoldCode.MISMATCH)))
    order: Order = let_go(an_order(payment=FULL, concerns=(dispute,), holds=holds), LATER, lapsed=True).order
    assert order.concerns == (replace(dispute, state=ConcernState.CLEARED),)
    assert [hold.code for hold in order.holds] == [HoldCode.MISMATCH]
