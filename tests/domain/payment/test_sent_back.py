"""Refunds at the processor: a completed one is told once, a failed one waits for a decision."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.grants import Grant, GrantDecision, GrantKind, GrantState, Refund, RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, Order, PaymentState, PlacementState
from fallback.domain.payment import sent_back
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order
from tests.refusals import not_now

P, S, G = PaymentState, PlacementState, GrantState
LATER = NOW + timedelta(hours=1)
WENT = Refund("re_1", 500, RefundState.SUCCEEDED, grant=1)
FAILED = replace(WENT, state=RefundState.FAILED)
BY_HAND = Refund("re_2", 200, RefundState.FAILED)
GRANT = Grant(
    id=1, kind=GrantKind.REFUND, amount=500, reason="broken", who="Ann", at=NOW, incident="standby", state=G.GRANTED,
    said=4,
)  # fmt: skip


def paid(*refunds: Refund, grants: tuple[Grant, ...] = (), **about: Any) -> Order:
    payment = {name: about.pop(name) for name in ("refunded", "captured", "tries", "round") if name in about}
    captured = a_payment(P.CAPTURED, refunds=refunds, **({"tries": 2} | payment))
    order = {"customer": CUSTOMER, "payment": captured, "placement": S.VERIFIED, "grants": grants, "last_word": 9}
    return an_order(**(order | about))


def followed(order: Order, *before: Refund, refunded: int = 0) -> Change:
    return sent_back.followed(order, replace(order.payment, refunds=before, refunded=refunded), LATER, "the desk")


def mails(order: Order) -> list[tuple[NoticeKind, int]]:
    return [(notice.kind, notice.said) for notice in order.notices if notice.due_at == LATER]


# --- as the processor has them


@pytest.mark.parametrize(
    ("state", "again"),
    [(RefundState.PENDING, True), (RefundState.REQUIRES_ACTION, True), (RefundState.SUCCEEDED, False)],
)
def test_a_refund_under_way_is_looked_at_once_a_day(state: RefundState, again: bool) -> None:
    order = paid()
    now_there = (WENT, replace(BY_HAND, state=state))
    seen = sent_back.seen(order, now_there, LATER)
    at = LATER + timedelta(days=1) if again else None
    assert seen == replace(order, payment=replace(order.payment, refunds=now_there, read_back_at=at))


@pytest.mark.parametrize(("age", "again"), [(0, 1), (1, 1), (2, 2), (4, 4), (8, 7), (29, 7), (30, None)])
def test_one_that_succeeded_is_looked_at_ever_more_seldom_while_it_may_fail(age: int, again: int | None) -> None:
    made = replace(WENT, made_at=LATER - timedelta(days=age))
    older = replace(WENT, id="re_0", made_at=LATER - timedelta(days=99))
    at = again and LATER + timedelta(days=again)
    assert sent_back.seen(paid(), (older, made), LATER).payment.read_back_at == at
    failed = replace(made, state=RefundState.FAILED)
    assert sent_back.seen(paid(), (older, failed), LATER).payment.read_back_at is None


def test_a_decision_about_a_failed_refund_and_the_refunds_that_were_seen_are_kept() -> None:
    decided = replace(FAILED, answer=GrantDecision.AGAIN)
    assert sent_back.known((decided, BY_HAND), (FAILED,)) == (decided, BY_HAND)
    assert sent_back.known((WENT,), (FAILED, BY_HAND)) == (FAILED, BY_HAND)
    forged = replace(BY_HAND, answer=GrantDecision.OTHERWISE)
    assert sent_back.known((), (forged,)) == (BY_HAND,)


# --- what went


def test_what_went_by_a_grant_is_told_with_its_sentence() -> None:
    order = paid(WENT, grants=(GRANT,), refunded=500)
    after = followed(order)
    assert after.order.grants == (replace(GRANT, state=G.MADE),)
    assert after.order.payment == replace(order.payment, tries=0)
    assert after.order.notices == (Notice(id="1", kind=NoticeKind.MONEY_BACK, due_at=LATER, said=4),)
    assert after.events == (Event(LATER, "refunded", "worker", {"amount": 500}),)
    assert followed(order, WENT, refunded=500).events == ()


def test_what_went_by_hand_is_told_too_and_the_last_of_all_with_the_last_word() -> None:
    assert mails(followed(paid(refunded=1)).order) == [(NoticeKind.MONEY_BACK, 0)]
    assert mails(followed(paid(refunded=3092)).order) == [(NoticeKind.MONEY_BACK, 0)]
    assert mails(followed(paid(refunded=3093)).order) == [(NoticeKind.REFUNDED, 9)]
    assert mails(followed(paid(WENT, grants=(GRANT,), refunded=3093)).order) == [(NoticeKind.REFUNDED, 4)]


@pytest.mark.parametrize(
    ("grant", "refunds", "refunded", "made"),
    [
        (GRANT, (), 500, False),
        (GRANT, (WENT,), 500, True),
        (GRANT, (replace(WENT, grant=2),), 500, False),
        (GRANT, (FAILED,), 0, False),
        (GRANT, (), 3093, True),
        (GRANT, (), 3092, False),
        (replace(GRANT, reaches=500), (), 500, True),
        (replace(GRANT, reaches=501), (), 500, False),
        (replace(GRANT, reaches=1), (), 1, True),
    ],
)
def test_a_grant_is_made_once_its_refund_went(grant: Grant, refunds: Any, refunded: int, made: bool) -> None:
    after = followed(paid(*refunds, grants=(grant,), refunded=refunded), *refunds, refunded=refunded)
    expected = replace(grant, state=G.MADE, reaches=0) if made else grant
    assert after.order.grants[0].state is (G.MADE if made else G.GRANTED)
    assert after.order.grants == (expected,)


def test_several_grants_are_made_in_turn_and_the_last_sentence_counts() -> None:
    second = replace(GRANT, id=2, said=7)
    both = (WENT, replace(WENT, id="re_3", grant=2))
    after = followed(paid(*both, grants=(GRANT, second), refunded=1000))
    assert [grant.state for grant in after.order.grants] == [G.MADE, G.MADE]
    assert mails(after.order) == [(NoticeKind.MONEY_BACK, 7)]


# --- what came back


def test_a_failed_refund_puts_the_order_on_hold() -> None:
    made = replace(GRANT, state=G.MADE)
    order = paid(FAILED, BY_HAND, grants=(made, replace(made, id=5)), round=3)
    after = followed(order, WENT, replace(BY_HAND, state=RefundState.PENDING), refunded=700)
    assert [grant.state for grant in after.order.grants] == [G.FAILED, G.MADE]
    assert (after.order.payment.round, after.order.payment.tries) == (4, 0)
    [hold] = after.order.holds
    assert (hold.code, hold.owner, hold.since, hold.detail) == (
        HoldCode.REFUND_FAILED, "the desk", LATER, "re_1, re_2",
    )  # fmt: skip
    assert mails(after.order) == [(NoticeKind.REFUND_FAILED, 0)]
    assert after.events[0] == Event(LATER, "refund_failed", "stripe", {"amount": 700})
    assert [event.what for event in after.events] == ["refund_failed", "on_hold"]


def test_a_refund_that_failed_before_is_not_reported_again() -> None:
    order = paid(FAILED)
    assert followed(order, FAILED) == Change(order, ())


def test_what_went_and_came_back_while_nobody_looked_is_told_as_both() -> None:
    after = followed(paid(FAILED, refunded=300), WENT, refunded=500)
    assert [(event.what, event.data.get("amount")) for event in after.events] == [
        ("refunded", 300),
        ("refund_failed", 500),
        ("on_hold", None),
    ]
    never_seen = followed(paid(FAILED, refunded=300))
    assert [event.data.get("amount") for event in never_seen.events] == [300, 500, None]


# --- when all of it is back


@pytest.mark.parametrize(
    ("about", "is_over", "undone"),
    [
        ({"refunded": 3093}, True, False),
        ({"refunded": 3092}, False, False),
        ({"refunded": 3093, "placement": S.CANCELLED}, True, False),
        ({"refunded": 3093, "placement": S.PLACED}, True, True),
        ({"refunded": 3093, "placement": S.VERIFIED, "cancel_asked": True}, True, True),
        ({"captured": 0}, False, False),
    ],
)
def test_a_payment_of_which_all_went_back_is_over_and_so_is_what_the_shop_does_not_have(
    about: dict[str, Any], is_over: bool, undone: bool
) -> None:
    order = paid(**about)
    order = replace(order, payment=replace(order.payment, ask_again_at=NOW))
    after = sent_back.ended(order)
    assert after.payment.state is (P.REFUNDED if is_over else P.CAPTURED)
    assert after.payment.ask_again_at == (None if is_over else NOW)
    assert after.cancel_asked is (undone or order.cancel_asked)


def test_who_got_their_money_back_by_their_bank_hears_the_last_word_about_the_order() -> None:
    over = sent_back.taken_back(paid(placement=S.CANCELLED), LATER)
    assert mails(over.order) == [(NoticeKind.CANCELLED, 9)]


def test_a_free_order_is_not_cancelled_when_its_refund_is_complete() -> None:
    for amount, undone in ((0, False), (1, True)):
        order = paid(refunded=3093, placement=S.PLACED)
        free = replace(order, payment=replace(order.payment, amount=amount))
        assert sent_back.ended(free).cancel_asked is undone


# --- what a person decides

HELD = (a_hold(HoldCode.REFUND_FAILED), a_hold(HoldCode.MISMATCH))
FAILED_GRANT = replace(GRANT, state=G.FAILED)


@pytest.mark.parametrize(
    ("answer", "state", "what"),
    [(GrantDecision.AGAIN, G.GRANTED, "refund_sent_again"), (GrantDecision.OTHERWISE, G.MADE, "refund_paid_otherwise")],
)
def test_what_came_back_is_sent_again_or_was_paid_in_another_way(
    answer: GrantDecision, state: GrantState, what: str
) -> None:
    order = paid(FAILED, WENT, grants=(FAILED_GRANT, replace(GRANT, id=2, state=G.MADE)), holds=HELD)
    after = sent_back.answered(order, answer, LATER, "Ann")
    assert [grant.state for grant in after.order.grants] == [state, G.MADE]
    assert after.order.payment.refunds[0].answer is answer
    assert after.order.payment.tries == 0
    assert [hold.code for hold in after.order.holds] == [HoldCode.MISMATCH]
    assert after.events == (Event(LATER, what, "Ann", {"amount": 500}),)


def test_what_was_refunded_by_hand_and_came_back_is_sent_again_as_a_grant() -> None:
    order = paid(FAILED, BY_HAND, grants=(FAILED_GRANT,), holds=HELD)
    after = sent_back.answered(order, GrantDecision.AGAIN, LATER, "Bo")
    again = after.order.grants[1]
    assert (again.amount, again.who, again.at, again.state) == (200, "Bo", LATER, G.GRANTED)
    assert len(sent_back.answered(order, GrantDecision.OTHERWISE, LATER, "Bo").order.grants) == 1


def test_nothing_is_answered_twice() -> None:
    with not_now(Headline.SETTLED, "refund"):
        sent_back.answered(paid(FAILED), GrantDecision.AGAIN, LATER, "Ann")
