"""Grants: the available amount, who requested and who approved, and the events of each."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.grants import (
    Booked,
    Grant,
    GrantDecision,
    GrantKind,
    GrantRequest,
    GrantState,
    Refund,
    RefundState,
)
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import WORD_TAKES, Headline
from fallback.domain.order.order import Change, Event, Order, PaymentState, PlacementState
from fallback.domain.order.texts_by_people import read
from fallback.domain.payment import refunds
from tests.builders import CUSTOMER, NOW, a_hold, a_payment, an_order
from tests.domain.payment.test_policy import POLICY
from tests.refusals import not_now, refused

P, S, G = PaymentState, PlacementState, GrantState
LATER = NOW + timedelta(hours=1)
CAME_BACK = Refund("re_1", 200, RefundState.FAILED)
WISH = GrantRequest(kind=GrantKind.GOODWILL, amount=500, reason="waited", refundable=3093)


def a_grant(amount: int = 500, state: GrantState = G.GRANTED, **changes: Any) -> Grant:
    about = {"id": 1, "kind": GrantKind.REFUND, "reason": "broken", "who": "Ann", "at": NOW, "incident": "standby"}
    return Grant(**(about | {"amount": amount, "state": state} | changes))


def paid(*grants: Grant, **payment: Any) -> Order:
    captured = a_payment(P.CAPTURED, **payment)
    return an_order(customer=CUSTOMER, payment=captured, placement=S.VERIFIED, grants=grants)


# --- how much there is


@pytest.mark.parametrize(
    ("order", "there", "refundable", "owed"),
    [
        (paid(), 3093, 3093, 0),
        (paid(captured=4000), 4000, 4000, 907),
        (paid(captured=4000, refunded=100), 3900, 3900, 807),
        (paid(a_grant(500), captured=4000), 3500, 3500, 407),
        (paid(a_grant(500, G.ASKED), captured=4000), 4000, 3500, 907),
        (paid(a_grant(500, G.MADE), captured=4000, refunded=500), 3500, 3500, 407),
        (paid(captured=4000, refunds=(CAME_BACK,)), 3800, 3800, 707),
        (paid(captured=4000, refunds=(replace(CAME_BACK, answer=GrantDecision.OTHERWISE),)), 3800, 3800, 707),
        (paid(captured=4000, refunds=(replace(CAME_BACK, answer=GrantDecision.AGAIN),)), 4000, 4000, 907),
        (paid(a_grant(500, G.ASKED), captured=300), 300, 0, 0),
        (paid(a_grant(900, kind=GrantKind.GOODWILL), captured=4000), 3100, 3100, 907),
        (paid(a_grant(3900, kind=GrantKind.GOODWILL), captured=4000), 100, 100, 100),
        (paid(amount=0), 3093, 3093, 3093),
        (paid(captured=1, amount=0), 1, 1, 1),
        (an_order(), 0, 0, 0),
        (an_order(payment=a_payment(P.CAPTURED, captured=4000), cancel_asked=True), 4000, 0, 0),
        (an_order(payment=a_payment(P.CAPTURED, captured=4000), placement=S.CANCELLED), 4000, 0, 0),
        (an_order(payment=a_payment(P.REFUNDED, refunded=3000), placement=S.VERIFIED), 93, 0, 0),
    ],
)
def test_the_remaining_refundable_and_owed_amounts_of_an_order(
    order: Order, there: int, refundable: int, owed: int
) -> None:
    assert (refunds.there(order), refunds.refundable(order), refunds.owed(order)) == (there, refundable, owed)


@pytest.mark.parametrize("state", [G.GRANTED, G.MADE])
def test_goodwill_lowers_what_the_order_costs(state: GrantState) -> None:
    goodwill = a_grant(500, state, kind=GrantKind.GOODWILL)
    before = paid(goodwill, amount=3000, captured=3000, refunded=500 if state is G.MADE else 0)
    assert (refunds.costs(before), refunds.owed(before)) == (2500, 0)
    without_a_book = replace(before, payment=replace(before.payment, amount=1800))
    assert (refunds.costs(without_a_book), refunds.owed(without_a_book)) == (1300, 1200)
    assert refunds.costs(paid(a_grant(500), a_grant(500, G.ASKED, kind=GrantKind.GOODWILL))) == 3093
    assert refunds.costs(paid(goodwill, amount=400)) == 0


@pytest.mark.parametrize(
    ("order", "given_back"),
    [
        (paid(refunded=3093), True),
        (paid(refunded=3092), False),
        (paid(a_grant(3093)), True),
        (paid(captured=1, amount=1, refunded=1), True),
        (paid(amount=0, refunded=3093), False),
        (an_order(), False),
    ],
)
def test_an_order_is_given_back_once_the_shop_keeps_nothing_of_what_it_costs(order: Order, given_back: bool) -> None:
    assert refunds.is_given_back(order) is given_back


@pytest.mark.parametrize(
    ("refunded", "lost", "all_of_it"), [(3093, 0, False), (3092, 1, True), (0, 3092, False), (0, 3093, True)]
)
def test_the_customers_bank_took_back_all_that_was_left(refunded: int, lost: int, all_of_it: bool) -> None:
    dispute = Concern("du_1", ConcernKind.DISPUTE, ConcernState.UPHELD, NOW, amount=lost)
    order = replace(paid(refunded=refunded), concerns=(dispute,))
    assert refunds.taken_back(order) is all_of_it


def test_what_a_person_wants_to_give_is_as_they_saw_it_and_there() -> None:
    refunds.check(paid(), replace(WISH, amount=1))
    refunds.check(paid(), replace(WISH, amount=3093))
    with not_now(Headline.WAITING, "refund"):
        refunds.check(an_order(), WISH)
    with refused("amount", "refundable_changed", "3093 can be refunded now, not 3000."):
        refunds.check(paid(), replace(WISH, refundable=3000))
    with refused("amount", "not_positive", "Enter an amount above zero."):
        refunds.check(paid(), replace(WISH, amount=0))
    with refused("amount", "too_much", "At most 3093 can be refunded."):
        refunds.check(paid(), replace(WISH, amount=3094))


# --- granted, or asked for

GOODWILL = {"grant": 2, "kind": "goodwill", "amount": 500, "reason": "waited", "incident": "2026"}


def test_a_refund_within_the_limit_is_granted_at_once() -> None:
    order = paid(a_grant())
    granted = refunds.grant(order, WISH, "Bo", "2026", LATER)
    new = Grant(
        id=2, kind=GrantKind.GOODWILL, amount=500, reason="waited", who="Bo", at=LATER, incident="2026", state=G.GRANTED
    )
    told = Event(LATER, "refund_granted", "Bo", GOODWILL)
    assert granted == Change(replace(order, grants=(*order.grants, new)), (told,))


def test_a_refund_above_the_limit_waits_for_a_leads_approval() -> None:
    order = replace(paid(a_grant()), owner="Bo")
    asked = refunds.grant(
        order, replace(WISH, sentence="The customer waited long."), "Bo", "2026", LATER, desk="the desk"
    )
    assert (asked.order.grants[1].state, asked.order.owner) == (G.ASKED, "")
    assert read(asked.order, asked.order.grants[1].said) == "The customer waited long."
    assert asked.events[0] == Event(LATER, "refund_asked", "Bo", GOODWILL | {"said": 1})
    [hold] = asked.order.holds
    assert (hold.code, hold.owner, hold.since) == (HoldCode.REFUND_ASKED, "the desk", LATER)


def test_a_sentence_that_cannot_be_kept_is_refused_by_its_name() -> None:
    with refused("sentence", "card_number", "Please leave card numbers out."):
        refunds.grant(paid(), replace(WISH, sentence="4242 4242 4242 4242"), "Bo", "2026", LATER)


ASKED = paid(a_grant(3093, G.ASKED, id=1))
HELD = replace(ASKED, holds=(a_hold(HoldCode.REFUND_ASKED), a_hold(HoldCode.MISMATCH)))


@pytest.mark.parametrize(
    ("agreed", "state", "what"), [(True, G.GRANTED, "refund_approved"), (False, G.DECLINED, "refund_declined")]
)
def test_a_second_person_agrees_or_not(agreed: bool, state: GrantState, what: str) -> None:
    decided = refunds.decide(HELD, 1, "Lea", agreed, LATER)
    assert decided.order.grants == (replace(ASKED.grants[0], state=state, decided_by="Lea"),)
    assert [hold.code for hold in decided.order.holds] == [HoldCode.MISMATCH]
    data = {"grant": 1, "kind": "refund", "amount": 3093, "reason": "broken", "incident": "standby"}
    assert decided.events == (Event(LATER, what, "Lea", data),)


def test_the_hold_for_approval_stays_while_another_refund_waits() -> None:
    both = replace(HELD, grants=(a_grant(5, G.ASKED, id=1), a_grant(6, G.ASKED, id=2)))
    assert HoldCode.REFUND_ASKED in [hold.code for hold in refunds.decide(both, 1, "Lea", True, LATER).order.holds]


def test_a_refund_cannot_be_decided_after_its_order_was_cancelled_or_refunded() -> None:
    for grant_id, order in ((2, HELD), (1, paid(a_grant(state=G.DECLINED)))):
        with not_now(refunds.headline(order), "approve"):
            refunds.decide(order, grant_id, "Lea", False, LATER)
    undone = replace(HELD, cancel_asked=True)
    with not_now(Headline.ON_HOLD, "approve"):
        refunds.decide(undone, 1, "Lea", True, LATER)
    assert refunds.decide(undone, 1, "Lea", False, LATER)
    gone = replace(HELD, payment=replace(HELD.payment, refunded=1))
    with refused("amount", "too_much", "At most 3092 can be refunded."):
        refunds.decide(gone, 1, "Lea", True, LATER)
    less_than_nothing = replace(HELD, payment=replace(HELD.payment, refunded=4000))
    with refused("amount", "too_much", "At most 0 can be refunded."):
        refunds.decide(less_than_nothing, 1, "Lea", True, LATER)


# --- without anybody's asking


def test_a_difference_goes_back_with_the_reason_that_it_has() -> None:
    order = paid(captured=4000)
    new = a_grant(907, kind=GrantKind.DIFFERENCE, reason="change", at=LATER)
    told = Event(LATER, "difference_granted", "worker", {"grant": 1, "amount": 907})
    given = refunds.give_difference(order, "Ann", LATER)
    assert given == Change(replace(order, grants=(new,)), (told,))
    assert refunds.give_difference(given.order, "Ann", LATER) == Change(given.order, ())
    assert refunds.difference(given.order) == 907
    others = (a_grant(1, kind=GrantKind.DIFFERENCE, state=G.MADE), a_grant(2), new)
    assert refunds.difference(replace(order, grants=others)) == 907


@pytest.mark.parametrize(("amount", "left", "given"), [(200, 3093, 200), (200, 150, 150), (1, 1, 1), (200, 0, None)])
def test_a_failed_refund_is_sent_again_up_to_the_amount_that_is_left(amount: int, left: int, given: int | None) -> None:
    order = paid(captured=left) if left else paid(refunded=3093)
    again = a_grant(given or 0, reason="", at=LATER)
    expected = replace(order, grants=(again,)) if given else order
    assert refunds.give_again(order, amount, "Ann", LATER) == expected


def test_a_failed_refund_of_an_order_that_is_given_up_needs_no_grant() -> None:
    order = replace(paid(), cancel_asked=True)
    assert refunds.give_again(order, 200, "Ann", LATER) == order


LATE = (Event(NOW, "on_hold", "worker"), Event(NOW, "next_word", "worker"))
BOOKED = Booked(GrantKind.GOODWILL, "2026", "EUR", 0)
OVERDUE = NOW + WORD_TAKES


@pytest.mark.parametrize(
    ("grants", "timeline", "offered"),
    [
        ((), LATE, True),
        ((), (), False),
        ((a_grant(5, kind=GrantKind.GOODWILL),), LATE, False),
        ((a_grant(5, G.ASKED, kind=GrantKind.GOODWILL),), LATE, False),
        ((a_grant(5, G.MADE, kind=GrantKind.GOODWILL),), LATE, False),
        ((a_grant(5, G.DECLINED, kind=GrantKind.GOODWILL),), LATE, True),
        ((a_grant(5),), LATE, True),
    ],
)
def test_who_waited_too_long_may_take_goodwill_once(grants: Any, timeline: Any, offered: bool) -> None:
    amount = refunds.own_goodwill(paid(*grants), timeline, BOOKED, POLICY, OVERDUE)
    assert amount == (POLICY.own_goodwill("EUR", 0) if offered else 0)
    assert POLICY.own_goodwill("EUR", 0) > 0
    assert refunds.own_goodwill(paid(captured=1, amount=0), LATE, BOOKED, POLICY, OVERDUE) == 1
    used_up = replace(BOOKED, amount=10**9)
    assert refunds.own_goodwill(paid(), LATE, used_up, POLICY, OVERDUE) == 0
    assert refunds.own_goodwill(paid(), LATE, replace(used_up, incident="standby"), POLICY, OVERDUE) > 0


# --- what a shift makes of it


def test_a_grant_refunds_at_most_what_is_left() -> None:
    assert refunds.amount_now(paid(a_grant(500))) == 500
    assert refunds.amount_now(paid(a_grant(500), refunded=3000)) == 93
    assert refunds.amount_now(paid()) == refunds.amount_now(paid(a_grant(state=G.ASKED))) == 0


def test_the_next_grant_has_a_key_of_its_own() -> None:
    order = replace(paid(a_grant(id=3)), ref="FB-1")
    assert refunds.key(order) == "FB-1:grant:3"
    assert refunds.key(replace(order, payment=replace(order.payment, round=2))) == "FB-1:grant:3:2"
    assert refunds.key(replace(order, grants=())) == "FB-1:grant:"
