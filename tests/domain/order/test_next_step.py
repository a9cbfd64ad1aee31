"""What a shift does next, and whom an order waits for: one row for each reason and one just beside it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.grants import Grant, GrantDecision, GrantKind, GrantState, Refund, RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import (
    WORD_TAKES,
    Headline,
    headline,
    holds_cart,
    is_free,
    is_only_ours,
    is_outgrown,
    next_word_by,
    pays_by,
    promised,
    untold,
    waits_for_us,
    word_due,
)
from fallback.domain.order.next_step import Step, due_times, next_step
from fallback.domain.order.order import (
    Attempt,
    Call,
    Notice,
    NoticeKind,
    Order,
    Payment,
    PaymentState,
    Placement,
    PlacementState,
    Queue,
)
from fallback.domain.order.patience import leaves_by
from tests.builders import NOW, a_hold, a_payment, an_order

P, S = PaymentState, PlacementState
SOON = NOW + timedelta(minutes=1)
GRANT = Grant(
    id=1, kind=GrantKind.REFUND, amount=5, reason="broken", who="Ann", at=NOW, incident="standby",
    state=GrantState.GRANTED,
)  # fmt: skip
CAME_BACK = Refund("re_1", 3093, RefundState.FAILED)
ATTEMPT = Attempt(Call.CAPTURE, "key", NOW)
CHANGE = Amendment(who="customer", since=NOW, what="address", address=True)


def of(payment: PaymentState | Payment, placement: Any = S.WAITING, **changes: Any) -> Order:
    paid = payment if isinstance(payment, Payment) else a_payment(payment)
    return an_order(**({"payment": paid, "placement": placement} | changes))


def looked_at(state: PaymentState, **changes: Any) -> Payment:
    return a_payment(state, due_at=NOW, **changes)


FREE = a_payment(P.NONE, amount=0)


@pytest.mark.parametrize(
    ("order", "step"),
    [
        (of(P.NONE), None),
        (of(P.PENDING), Step.AUTHORIZE),
        (of(P.PENDING, cancel_asked=True), None),
        (of(P.UNKNOWN), Step.FOLLOW),
        (of(a_payment(P.PENDING, attempt=ATTEMPT)), Step.FOLLOW),
        (of(P.AUTHORIZED), None),
        (of(P.CAPTURED), None),
        (of(looked_at(P.ACTION_REQUIRED)), Step.FOLLOW),
        (of(looked_at(P.AUTHORIZED)), Step.FOLLOW),
        (of(looked_at(P.CAPTURED)), Step.FOLLOW),
        (of(looked_at(P.REFUNDED)), Step.FOLLOW),
        (of(looked_at(P.NONE)), None),
        (of(looked_at(P.VOIDED)), None),
        (of(P.AUTHORIZED, S.CANCELLED), Step.VOID),
        (of(P.CAPTURED, S.MERGED), Step.VOID),
        (of(looked_at(P.AUTHORIZED), S.CANCELLED), Step.VOID),
        (of(a_payment(P.AUTHORIZED, attempt=ATTEMPT), S.CANCELLED), Step.FOLLOW),
        (of(P.VOIDED, S.CANCELLED), None),
        (of(P.REFUNDED, S.CANCELLED), None),
        (of(a_payment(P.CAPTURED, refunds=(CAME_BACK,)), S.CANCELLED), None),
        (of(a_payment(P.AUTHORIZED, authorized=3092)), Step.VOID),
        (of(looked_at(P.AUTHORIZED, authorized=3092)), Step.VOID),
        (of(P.CAPTURED, grants=(GRANT,)), Step.REFUND),
        (of(P.AUTHORIZED, grants=(GRANT,)), None),
        (of(P.CAPTURED, grants=(replace(GRANT, state=GrantState.ASKED),)), None),
        (of(P.CAPTURED, grants=(GRANT,), cancel_asked=True), None),
        (of(a_payment(P.CAPTURED, refunds=(CAME_BACK,)), grants=(GRANT,)), None),
        (of(a_payment(P.CAPTURED, read_back_at=NOW)), Step.FOLLOW),
        (of(a_payment(P.CAPTURED, read_back_at=NOW), grants=(GRANT,)), Step.REFUND),
        (of(P.PENDING, holds=(a_hold(HoldCode.PAYMENT_REFUSED),)), None),
        (of(P.PENDING, holds=(a_hold(HoldCode.POISON, "payment"),)), None),
        (of(P.PENDING, holds=(a_hold(HoldCode.POISON, "placement"),)), Step.AUTHORIZE),
        (of(P.PENDING, holds=(a_hold(HoldCode.MISMATCH, "payment"),)), Step.AUTHORIZE),
    ],
)
def test_what_is_done_next_for_the_payment(order: Order, step: Step | None) -> None:
    assert next_step(order, Queue.PAYMENT) is step


@pytest.mark.parametrize(
    ("order", "step"),
    [
        (of(P.NONE), None),
        (of(P.PENDING), None),
        (of(P.AUTHORIZED), Step.RECONCILE),
        (of(P.CAPTURED), Step.RECONCILE),
        (of(FREE), Step.RECONCILE),
        (of(a_payment(P.AUTHORIZED, authorized=3092)), None),
        (of(a_payment(P.AUTHORIZED, attempt=ATTEMPT)), None),
        (of(P.NONE, S.PLACING), Step.RECONCILE),
        (of(a_payment(P.AUTHORIZED, attempt=ATTEMPT), S.UNKNOWN), Step.RECONCILE),
        (of(P.AUTHORIZED, S.PLACED), Step.RECONCILE),
        (of(P.AUTHORIZED, S.VERIFIED), Step.RECONCILE),
        (of(P.CAPTURED, S.VERIFIED), None),
        (of(P.CAPTURED, Placement(state=S.VERIFIED, read_again_at=NOW)), Step.RECONCILE),
        (of(P.REFUNDED, Placement(state=S.VERIFIED, read_again_at=NOW)), None),
        (of(P.AUTHORIZED, S.CANCELLED), None),
        (of(P.AUTHORIZED, Placement(state=S.MERGED, late_since=NOW)), Step.UNDO_LATE),
        (of(P.NONE, S.PLACED, cancel_asked=True), Step.WITHDRAW),
        (of(P.CAPTURED, S.VERIFIED, amendment=CHANGE), Step.AMEND),
        (of(P.ACTION_REQUIRED, S.PLACED, amendment=CHANGE), Step.AMEND),
        (of(P.PENDING, S.VERIFIED, amendment=CHANGE), None),
        (of(P.UNKNOWN, S.VERIFIED, amendment=CHANGE), None),
        (of(P.AUTHORIZED, S.WAITING, amendment=CHANGE), Step.RECONCILE),
        (of(P.AUTHORIZED, holds=(a_hold(HoldCode.MISMATCH),)), None),
        (of(P.AUTHORIZED, holds=(a_hold(HoldCode.PAYMENT_EXPIRING),)), Step.RECONCILE),
    ],
)
def test_what_is_done_next_in_the_shop(order: Order, step: Step | None) -> None:
    assert next_step(order, Queue.PLACEMENT) is step


def with_notice(due_at: Any) -> dict[str, Any]:
    return {"notices": (Notice(id="1", kind=NoticeKind.PLACED, due_at=due_at),)}


def test_a_mail_and_a_promised_update_are_each_due_at_their_own_time() -> None:
    word_at = word_due(of(P.AUTHORIZED))
    assert word_at
    assert next_step(of(P.AUTHORIZED), Queue.NOTICE) is Step.KEEP_PROMISE
    assert next_step(of(P.AUTHORIZED, **with_notice(word_at)), Queue.NOTICE) is Step.NOTIFY
    assert next_step(of(P.AUTHORIZED, **with_notice(word_at + timedelta(1))), Queue.NOTICE) is Step.KEEP_PROMISE
    assert next_step(of(P.CAPTURED, S.VERIFIED, **with_notice(NOW)), Queue.NOTICE) is Step.NOTIFY
    assert next_step(of(P.CAPTURED, S.VERIFIED), Queue.NOTICE) is None


def test_each_queue_has_its_own_due_time() -> None:
    assert due_times(of(a_payment(P.CAPTURED, read_back_at=SOON), S.VERIFIED))[Queue.PAYMENT] == SOON
    goes_back = of(a_payment(P.CAPTURED, read_back_at=SOON), grants=(GRANT,))
    assert due_times(goes_back) == {Queue.PAYMENT: NOW, Queue.PLACEMENT: NOW, Queue.NOTICE: word_due(goes_back)}
    assert due_times(of(P.AUTHORIZED, Placement(due_at=SOON)))[Queue.PLACEMENT] == SOON
    assert due_times(of(P.AUTHORIZED, **with_notice(SOON)))[Queue.NOTICE] == SOON
    assert leaves_by(ATTEMPT) == NOW + timedelta(seconds=15)


# --- whom it waits for


@pytest.mark.parametrize(
    ("order", "is_ours"),
    [
        (of(P.AUTHORIZED), True),
        (of(P.NONE), False),
        (of(P.NONE, holds=(a_hold(HoldCode.POSSIBLE_RIVAL),)), False),
        (of(P.NONE, holds=(a_hold(HoldCode.POSSIBLE_RIVAL), a_hold(HoldCode.MISMATCH))), True),
        (of(P.NONE, S.VERIFIED, holds=(a_hold(HoldCode.POSSIBLE_RIVAL),)), True),
        (of(P.NONE, S.VERIFIED), False),
        (of(P.CAPTURED, S.VERIFIED), False),
        (of(P.CAPTURED, S.VERIFIED, holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),)), True),
    ],
)
def test_an_order_waits_either_for_us_or_for_its_customer(order: Order, is_ours: bool) -> None:
    assert waits_for_us(order) is is_ours


def test_the_next_word_is_the_earliest_that_is_named() -> None:
    day = timedelta(days=1)
    asked = a_payment(P.NONE, ask_again_at=NOW + day, pay_by=NOW + 7 * day)
    assert next_word_by(of(P.NONE)) == NOW + timedelta(hours=8)
    assert next_word_by(of(asked)) == NOW + day
    assert next_word_by(of(replace(asked, ask_again_at=None))) == NOW + 7 * day + WORD_TAKES
    assert next_word_by(of(replace(asked, state=P.AUTHORIZED), next_word_by=NOW + 3 * day)) == NOW + 3 * day
    assert next_word_by(of(P.AUTHORIZED, holds=(a_hold(HoldCode.POSSIBLE_RIVAL),))) == NOW + timedelta(hours=4)


def test_an_order_has_a_payment_deadline_only_while_it_waits_for_the_customer() -> None:
    unpaid = a_payment(P.NONE, pay_by=SOON)
    assert pays_by(of(unpaid)) == SOON
    assert pays_by(of(replace(unpaid, state=P.AUTHORIZED))) is None
    assert pays_by(of(replace(unpaid, state=P.CAPTURED), S.VERIFIED)) is None


def test_what_a_waiting_customer_was_told_is_a_promise() -> None:
    held = of(P.AUTHORIZED, holds=(a_hold(HoldCode.MISMATCH),))
    assert promised(held) == NOW + timedelta(hours=8)
    assert promised(of(P.AUTHORIZED, next_word_by=SOON)) == SOON
    assert promised(of(P.AUTHORIZED)) is None
    assert promised(of(P.NONE, next_word_by=SOON)) is None


def test_a_hold_is_reported_to_its_owner_until_the_owner_was_notified() -> None:
    hold = a_hold(HoldCode.MISMATCH)
    assert untold(of(P.AUTHORIZED, holds=(hold,))) == [hold]
    assert untold(of(P.AUTHORIZED, holds=(hold,), owner="Ann")) == [hold]
    assert untold(of(P.AUTHORIZED, holds=(replace(hold, told="Ann"),), owner="Ann")) == []
    assert untold(of(P.AUTHORIZED, holds=(replace(hold, owner=CUSTOMER),))) == []


# --- the headline, where two reasons meet


@pytest.mark.parametrize(
    ("order", "expected"),
    [
        (of(P.REFUNDED, S.VERIFIED, holds=(a_hold(HoldCode.BY_HAND),)), Headline.REFUNDED),
        (of(P.REFUNDED, S.VERIFIED, holds=(a_hold(HoldCode.MISMATCH),)), Headline.ON_HOLD),
        (of(P.CAPTURED, S.VERIFIED, holds=(a_hold(HoldCode.BY_HAND),)), Headline.ON_HOLD),
        (of(P.CAPTURED, S.VERIFIED, holds=(a_hold(HoldCode.ASKED_FOR_A_PERSON),)), Headline.SETTLED),
        (of(P.REFUNDED, S.PLACING), Headline.PLACING),
        (of(P.REFUNDED, S.UNKNOWN), Headline.CHECKING),
        (of(P.REFUNDED, S.VERIFIED, amendment=CHANGE), Headline.PLACING),
        (of(P.CAPTURED, S.VERIFIED, amendment=CHANGE), Headline.PLACING),
        (of(FREE, S.VERIFIED), Headline.SETTLED),
        (of(replace(FREE, amount=1), S.VERIFIED), Headline.PAYMENT_NEEDED),
        (of(a_payment(P.REFUNDED, amount=0), S.VERIFIED), Headline.SETTLED),
    ],
)
def test_the_headline_follows_the_most_important_reason(order: Order, expected: Headline) -> None:
    assert headline(order) is expected


def test_is_free_and_is_only_ours_and_is_outgrown_by_state() -> None:
    assert [is_free(of(a_payment(state, amount=0))) for state in P] == [
        state in (P.NONE, P.ACTION_REQUIRED, P.REFUNDED) for state in P
    ]
    assert [is_only_ours(of(P.NONE, state)) for state in S] == [state is S.WAITING for state in S]
    authorized = a_payment(P.AUTHORIZED)
    outgrown = [replace(authorized, authorized=3092), replace(authorized, amount=0)]
    assert [is_outgrown(of(each)) for each in (*outgrown, authorized, replace(authorized, amount=1))] == [
        True, True, False, False,
    ]  # fmt: skip
    assert not is_outgrown(of(replace(outgrown[0], state=P.CAPTURED)))


@pytest.mark.parametrize(
    ("order", "stands"),
    [
        (of(P.AUTHORIZED), True),
        (of(P.VOIDED, S.CANCELLED), False),
        (of(P.REFUNDED, S.VERIFIED), False),
        (of(P.VOIDED, S.MERGED), True),
        (of(P.REFUNDED, S.MERGED), True),
        (of(a_payment(P.CAPTURED, refunds=(CAME_BACK,)), S.MERGED), True),
        (of(a_payment(P.CAPTURED, refunds=(CAME_BACK,)), S.CANCELLED), False),
        (of(a_payment(P.CAPTURED, refunds=(replace(CAME_BACK, answer=GrantDecision.OTHERWISE),)), S.VERIFIED), True),
        (of(P.AUTHORIZED, S.CANCELLED), True),
    ],
)
def test_a_cart_is_free_again_once_its_order_was_undone(order: Order, stands: bool) -> None:
    assert holds_cart(order) is stands
