from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.grants import GrantDecision, Refund, RefundState
from fallback.domain.order.handover_and_callback import Handover
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.notices import about, next_notice, queue_notice, reader, still_true, with_notice
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, PaymentState, PlacementState
from fallback.domain.order.texts_by_people import say
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order

LATER = NOW + timedelta(seconds=20)


def with_notices(*kinds: NoticeKind) -> Order:
    order = an_order()
    for number, kind in enumerate(kinds):
        order = queue_notice(order, kind, NOW + timedelta(seconds=20 * number))
    return order


def test_notices_are_numbered_in_the_order_of_queueing() -> None:
    order = with_notices(NoticeKind.RECEIVED, NoticeKind.PLACED)
    assert [(notice.id, notice.kind) for notice in order.notices] == [("1", "received"), ("2", "placed")]


def test_a_notice_has_what_it_was_queued_with() -> None:
    order = queue_notice(an_order(), NoticeKind.LINKS, NOW, 4, ("FB-2",), 5, "Ann")
    assert order.notices == (
        Notice(id="1", kind=NoticeKind.LINKS, due_at=NOW, said=4, refs=("FB-2",), to=5, owner="Ann"),
    )
    plain = queue_notice(an_order(), NoticeKind.PLACED, NOW)
    assert plain.notices == (Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW),)


def test_a_notice_goes_to_the_address_that_it_names_else_to_the_customers() -> None:
    order, old = say(an_order(customer=CUSTOMER), "contact.email", "old@example.org")
    assert reader(order, Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW)) == order.customer
    left = reader(order, Notice(id="1", kind=NoticeKind.ADDRESS_LEFT, due_at=NOW, to=old))
    assert left == replace(order.customer, email="old@example.org")


def test_what_the_timeline_says_of_a_notice() -> None:
    assert about(Notice(id="1", kind=NoticeKind.PLACED, due_at=NOW)) == {"kind": "placed"}
    assert about(Notice(id="1", kind=NoticeKind.OWNER, due_at=NOW, owner="Ann")) == {"kind": "owner", "owner": "Ann"}


@pytest.mark.parametrize(
    ("code", "is_true"),
    [(HoldCode.POSSIBLE_RIVAL, True), (HoldCode.MAYBE_PAID, True), (HoldCode.MISMATCH, False)],
)
def test_whether_both_are_wanted_is_asked_until_it_is_answered(code: HoldCode, is_true: bool) -> None:
    question = Notice(id="1", kind=NoticeKind.POSSIBLE_RIVAL, due_at=NOW)
    assert still_true(an_order(holds=(a_hold(code),)), question) is is_true


def test_a_refund_that_came_back_is_told_until_somebody_has_decided_it() -> None:
    word = Notice(id="1", kind=NoticeKind.REFUND_FAILED, due_at=NOW)
    came_back = Refund("re_1", 1, RefundState.FAILED)
    payment = a_payment(PaymentState.CAPTURED, refunds=(came_back,))
    assert still_true(an_order(payment=payment), word)
    decided = replace(payment, refunds=(replace(came_back, answer=GrantDecision.AGAIN),))
    assert not still_true(an_order(payment=decided), word)


@pytest.mark.parametrize(
    ("order", "is_true"),
    [
        ({"owner": "Ann", "holds": (a_hold(HoldCode.MISMATCH),)}, True),
        ({"owner": "Ann"}, False),
        ({"owner": "Bo", "holds": (a_hold(HoldCode.MISMATCH),)}, False),
        ({"handover": Handover(to="Ann", by="Bo", accept_by=NOW, asked=0)}, True),
        ({"handover": Handover(to="Bo", by="Ann", accept_by=NOW, asked=0)}, False),
    ],
)
def test_a_colleague_is_written_to_while_it_is_theirs_or_on_its_way_to_them(
    order: dict[str, Any], is_true: bool
) -> None:
    assert still_true(an_order(**order), Notice(id="1", kind=NoticeKind.OWNER, due_at=NOW, owner="Ann")) is is_true


def test_notices_are_sent_in_the_order_of_their_due_times() -> None:
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


WAITS_FOR_CUSTOMER = {
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


@pytest.mark.parametrize("order", WAITS_FOR_CUSTOMER.values(), ids=WAITS_FOR_CUSTOMER)
def test_a_request_to_pay_is_true_while_the_payment_waits_for_them(order: Order) -> None:
    assert still_true(order, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW))


@pytest.mark.parametrize("order", NOT_ANY_MORE.values(), ids=NOT_ANY_MORE)
def test_a_request_to_pay_is_not_true_for_somebody_who(order: Order) -> None:
    assert not still_true(order, Notice(id="1", kind=NoticeKind.PAYMENT_NEEDED, due_at=NOW))


def test_no_delay_mail_is_sent_for_an_order_that_is_over() -> None:
    word = Notice(id="1", kind=NoticeKind.NEXT_WORD, due_at=NOW)
    settled = an_order(payment=a_payment(PaymentState.CAPTURED), placement=PlacementState.VERIFIED)
    assert still_true(an_order(), word)
    assert not still_true(settled, word)


@pytest.mark.parametrize("kind", [NoticeKind.PLACED, NoticeKind.CHANGED, NoticeKind.NOT_CHANGED])
@pytest.mark.parametrize("gone", [{"cancel_asked": True}, {"placement": PlacementState.CANCELLED}])
def test_no_mail_promises_the_delivery_of_a_cancelled_order(kind: NoticeKind, gone: dict[str, Any]) -> None:
    assert not still_true(an_order(**gone), Notice(id="1", kind=kind, due_at=NOW))


PASSING = {NoticeKind.PAYMENT_NEEDED, NoticeKind.POSSIBLE_RIVAL, NoticeKind.NEXT_WORD, NoticeKind.REFUND_FAILED}
PASSING |= {NoticeKind.OWNER, NoticeKind.MONEY_BACK, NoticeKind.REFUNDED}


@pytest.mark.parametrize("kind", sorted(set(NoticeKind) - PASSING))
def test_a_notice_about_a_past_event_stays_true(kind: NoticeKind) -> None:
    assert still_true(an_order(), Notice(id="1", kind=kind, due_at=NOW))
