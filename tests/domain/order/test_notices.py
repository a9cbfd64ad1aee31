from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.notices import next_notice, queue_notice, still_true, with_notice
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, PaymentState, PlacementState
from tests.builders import NOW, a_hold, a_payment, an_order

LATER = NOW + timedelta(seconds=20)


def with_notices(*kinds: NoticeKind) -> Order:
    order = an_order()
    for number, kind in enumerate(kinds):
        order = queue_notice(order, kind, NOW + timedelta(seconds=20 * number))
    return order


def test_notices_are_numbered_in_the_order_of_queueing() -> None:
    order = with_notices(NoticeKind.RECEIVED, NoticeKind.PLACED)
    assert [(notice.id, notice.kind) for notice in order.notices] == [("1", "received"), ("2", "placed")]


def test_the_one_that_is_due_first_goes_first_and_none_before_its_time() -> None:
    order = with_notices(NoticeKind.RECEIVED, NoticeKind.PLACED)
    first, second = order.notices
    assert next_notice(order, NOW - timedelta(seconds=1)) is None
    assert next_notice(order, LATER) == first
    sent = with_notice(order, Notice(id="1", kind=first.kind, due_at=first.due_at, state=NoticeState.SENT))
    assert next_notice(sent, NOW) is None
    assert next_notice(sent, LATER) == second


@pytest.mark.parametrize("state", [state for state in NoticeState if state not in ("queued", "handing_over")])
def test_what_is_settled_is_not_sent_again(state: NoticeState) -> None:
    order = an_order(notices=(Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW, state=state),))
    assert next_notice(order, LATER) is None


WAITS_FOR_HER = {
    "no card yet": an_order(payment=a_payment(PaymentState.NONE)),
    "declined": an_order(payment=a_payment(PaymentState.ACTION_REQUIRED)),
    "lapsed while a person held it": an_order(
        payment=a_payment(PaymentState.ACTION_REQUIRED), holds=(a_hold(HoldCode.OUT_OF_STOCK),)
    ),
    "lapsed after it was placed": an_order(
        payment=a_payment(PaymentState.ACTION_REQUIRED), placement=PlacementState.VERIFIED
    ),
}
NOT_ANY_MORE = {
    "has paid": an_order(),
    "has given a card": an_order(payment=a_payment(PaymentState.PENDING)),
    "wants to cancel": an_order(payment=a_payment(PaymentState.ACTION_REQUIRED), cancel_asked=True),
    "has given it up": an_order(payment=a_payment(PaymentState.ACTION_REQUIRED), placement=PlacementState.CANCELLED),
}


@pytest.mark.parametrize("order", WAITS_FOR_HER.values(), ids=WAITS_FOR_HER)
def test_a_request_to_pay_is_true_while_the_payment_waits_for_her(order: Order) -> None:
    assert still_true(order, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW))


@pytest.mark.parametrize("order", NOT_ANY_MORE.values(), ids=NOT_ANY_MORE)
def test_a_request_to_pay_is_not_true_for_somebody_who(order: Order) -> None:
    assert not still_true(order, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW))


def test_nobody_is_told_to_wait_for_what_is_over() -> None:
    word = Notice(id="1", kind=NoticeKind.NEXT_WORD, due_at=NOW)
    settled = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
    assert still_true(an_order(), word)
    assert not still_true(settled, word)


@pytest.mark.parametrize("kind", [NoticeKind.CHANGED, NoticeKind.NOT_CHANGED])
@pytest.mark.parametrize("gone", [{"cancel_asked": True}, {"placement": PlacementState.CANCELLED}])
def test_nobody_is_told_of_a_change_to_what_she_gave_up(kind: NoticeKind, gone: dict[str, Any]) -> None:
    assert not still_true(an_order(**gone), Notice(id="1", kind=kind, due_at=NOW))


PASSING = {NoticeKind.PAYMENT_NEEDED, NoticeKind.POSSIBLE_RIVAL, NoticeKind.NEXT_WORD, NoticeKind.REFUND_FAILED}
PASSING |= {NoticeKind.OWNER}


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - PASSING))
def test_what_has_happened_stays_true(kind: NoticeKind) -> None:
    assert still_true(an_order(), Notice(id="1", kind=kind, due_at=NOW))
