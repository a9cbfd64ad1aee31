"""An agent releases an order on hold: what is reset, and what is kept."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Event,
    Notice,
    NoticeKind,
    NoticeState,
    Order,
    PaymentState,
    Placement,
    PlacementState,
)
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import NOW, a_hold, a_payment, an_order, deps
from tests.fakes.ledger import FakeLedger

OTHERS = (HoldCode.POISON, HoldCode.BY_HAND, HoldCode.PRICE_CHANGED)
HOUR = timedelta(hours=1)


def release(code: HoldCode, detail: str = "", **changes: Any) -> tuple[Order, list[Event]]:
    """Of an order on hold for this: as it is afterwards, and the lines that were written."""
    ledger = FakeLedger()
    held = ledger.keep(an_order(**({"holds": (a_hold(code, detail),)} | changes)))
    return release_hold(deps(ledger=ledger, clock=lambda: NOW), held.ref, code, "Ann"), ledger.timeline(held.ref)


def test_the_timeline_shows_who_released_which_hold() -> None:
    order, lines = release(HoldCode.POISON)
    assert order.holds == ()
    assert lines == [Event(NOW, "hold_released", "Ann", {"code": "poison"})]


def test_releasing_a_hold_that_the_order_does_not_have_changes_nothing() -> None:
    ledger = FakeLedger()
    held = ledger.keep(an_order(holds=(a_hold(HoldCode.POISON),)))
    assert release_hold(deps(ledger=ledger, clock=lambda: NOW), held.ref, HoldCode.MISMATCH, "Ann") == held
    assert ledger.timeline(held.ref) == []


@pytest.mark.parametrize("code", [*OTHERS, HoldCode.REFUND_FAILED])
def test_what_the_customer_was_promised_stays_so(code: HoldCode) -> None:
    promised = replace(a_hold(code), next_word_by=NOW + HOUR)
    later = replace(a_hold(HoldCode.PAYMENT_REFUSED), next_word_by=NOW + 2 * HOUR)
    order, _ = release(code, holds=(promised, later), payment=a_payment(PaymentState.CAPTURED))
    assert order.next_word_by == NOW + HOUR


def test_a_released_order_is_retried_at_once_with_fresh_tries() -> None:
    tired = Placement(tries=8, due_at=NOW + HOUR)
    order, _ = release(HoldCode.POISON, placement=tired, payment=a_payment(PaymentState.AUTHORIZED, tries=8))
    assert (order.payment.tries, order.placement.tries, order.placement.due_at) == (0, 0, NOW)


def test_only_what_stood_for_the_payment_makes_it_due_again() -> None:
    for code, due_at in ((HoldCode.PAYMENT_REFUSED, NOW), (HoldCode.POISON, NOW + HOUR)):
        order, _ = release(code, payment=a_payment(PaymentState.AUTHORIZED, due_at=NOW + HOUR))
        assert order.payment.due_at == due_at


def test_only_a_difference_that_a_person_looked_at_is_let_stand() -> None:
    assert release(HoldCode.MISMATCH, "the city")[0].placement.let_stand == ("the city",)
    for code in OTHERS:
        assert release(code, "the city")[0].placement.let_stand == ()


def test_only_what_was_asked_about_as_a_rival_is_kept_apart() -> None:
    assert release(HoldCode.POSSIBLE_RIVAL, "77")[0].apart == ("77",)
    for code in OTHERS:
        assert release(code, "77")[0].apart == ()


def test_once_the_goods_have_left_there_is_time_to_pay_and_no_wish_to_cancel() -> None:
    unpaid = a_payment(PaymentState.ACTION_REQUIRED, pay_by=NOW + HOUR)
    asked: dict[str, Any] = {"payment": unpaid, "cancel_asked": True, "placement": PlacementState.VERIFIED}
    order, _ = release(HoldCode.ALREADY_SHIPPED, **asked)
    assert (order.payment.pay_by, order.cancel_asked) == (None, False)
    for code in OTHERS:
        order, _ = release(code, **asked)
        assert (order.payment.pay_by, order.cancel_asked) == (NOW + HOUR, True)


def test_only_who_waited_for_what_was_captured_is_told_now_that_it_is_placed() -> None:
    settled: dict[str, Any] = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    order, _ = release(HoldCode.CAPTURED_LESS, **settled)
    assert [notice.kind for notice in order.notices] == [NoticeKind.PLACED]
    for code in OTHERS:
        assert release(code, **settled)[0].notices == ()


@pytest.mark.parametrize(("then", "again"), [((), 1), ((NoticeState.SENT,), 0), ((NoticeState.QUEUED,), 0)])
def test_the_mail_that_it_is_placed_is_sent_once_however_often_the_customer_cancels(
    then: tuple[NoticeState, ...], again: int
) -> None:
    states = enumerate((NoticeState.DROPPED, *then), 1)
    before = tuple(Notice(id=str(id), kind=NoticeKind.PLACED, due_at=NOW, state=state) for id, state in states)
    settled: dict[str, Any] = {"payment": a_payment(PaymentState.CAPTURED), "placement": PlacementState.VERIFIED}
    order, _ = release(HoldCode.ALREADY_SHIPPED, notices=before, cancel_asked=True, **settled)
    assert len(order.notices) == len(before) + again


def test_a_refund_that_waits_for_a_lead_is_not_released() -> None:
    with pytest.raises(NotAllowedNow) as refused:
        release(HoldCode.REFUND_ASKED)
    assert refused.value.event == "release"
