"""What the intent, as Stripe has it now, changes in an order and in its timeline."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.grants import GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Change,
    Event,
    NoticeKind,
    Order,
    PaymentState,
    PlacementState,
)
from fallback.domain.payment import payment as payments
from fallback.domain.payment.gateway import IntentState
from tests.builders import NOW, a_hold, an_order
from tests.domain.payment.steps import DEADLINE, DECLINED, LATER, P, S, a_mail, after, an_intent, full, of, the_hold


def observed(order: Order, state: IntentState, **changes: Any) -> Change:
    return payments.observe(order, an_intent(state, **changes), LATER, "the desk")


def test_what_is_set_aside_needs_no_card_and_is_looked_at_before_it_ends() -> None:
    order = of(full(P.PENDING, outgrown=7))
    seen = observed(order, IntentState.AUTHORIZED, capture_before=DEADLINE)
    assert seen == after(
        order,
        Event(LATER, "authorized", "stripe", {"amount": 3093}),
        state=P.AUTHORIZED,
        intent="pi_1",
        token=None,
        attempt=None,
        tries=0,
        due_at=DEADLINE - timedelta(hours=24),
        authorized=3093,
        capture_before=DEADLINE,
        decline=None,
        next_action_url=None,
        ask_again_at=None,
        pay_by=None,
        outgrown=0,
        search_after=None,
    )
    again = observed(replace(seen.order, payment=replace(seen.order.payment, tries=2)), IntentState.AUTHORIZED)
    assert again.events == ()
    assert again.order.payment.tries == 2


def test_what_is_set_aside_for_an_unknown_time_is_looked_at_every_day() -> None:
    once = observed(of(full(P.PENDING)), IntentState.AUTHORIZED)
    again = observed(once.order, IntentState.AUTHORIZED)
    assert [seen.order.payment.due_at for seen in (once, again)] == [LATER + timedelta(days=1)] * 2
    assert (again.events, again.order.holds) == ((), ())


@pytest.mark.parametrize(
    ("changes", "intent"),
    [({"placement": S.CANCELLED}, {"capture_before": NOW}), ({}, {"capture_before": NOW, "amount": 3092})],
)
def test_an_authorization_that_will_be_released_has_no_deadline(
    changes: dict[str, Any], intent: dict[str, Any]
) -> None:
    seen = observed(of(full(P.PENDING), **changes), IntentState.AUTHORIZED, **intent)
    assert (seen.order.payment.due_at, seen.order.holds) == (None, ())


@pytest.mark.parametrize(
    ("before", "due_at"),
    [(LATER + timedelta(hours=24), LATER + timedelta(hours=24)), (LATER, LATER + timedelta(seconds=10))],
)
def test_a_day_before_it_ends_a_person_is_asked(before: Any, due_at: Any) -> None:
    seen = observed(of(full(P.PENDING)), IntentState.AUTHORIZED, capture_before=before)
    assert the_hold(seen) == (HoldCode.PAYMENT_EXPIRING, "the desk", LATER, f"{before:%Y-%m-%dT%H:%MZ}")
    assert seen.order.payment.due_at == due_at
    assert [event.what for event in seen.events] == ["authorized", "on_hold"]
    second = timedelta(seconds=1)
    earlier = observed(of(full(P.PENDING)), IntentState.AUTHORIZED, capture_before=LATER + timedelta(1) + second)
    assert earlier.order.holds == ()


def test_what_is_captured_is_told_once_the_shop_has_it() -> None:
    order = of(full(P.AUTHORIZED, capture_before=DEADLINE), S.VERIFIED, holds=(a_hold(HoldCode.PAYMENT_EXPIRING),))
    seen = observed(order, IntentState.CAPTURED, captured=3093)
    assert seen == after(
        replace(order, holds=()),
        Event(LATER, "captured", "worker", {"amount": 3093}),
        notices=a_mail(NoticeKind.PLACED),
        state=P.CAPTURED,
        token=None,
        attempt=None,
        due_at=None,
        captured=3093,
        capture_before=None,
        decline=None,
        next_action_url=None,
        ask_again_at=None,
        search_after=None,
    )
    assert observed(seen.order, IntentState.CAPTURED, captured=3093) == Change(seen.order, ())
    not_there = observed(replace(order, placement=an_order().placement), IntentState.CAPTURED, captured=3093)
    assert not_there.order.notices == ()


@pytest.mark.parametrize("state", [P.PENDING, P.ACTION_REQUIRED])
def test_a_capture_by_another_system_counts_as_authorized(state: PaymentState) -> None:
    seen = observed(of(full(state)), IntentState.CAPTURED, captured=3093).order.payment
    assert (seen.state, seen.authorized, seen.captured) == (P.CAPTURED, 3093, 3093)


def test_less_than_agreed_is_a_hold_and_more_goes_back() -> None:
    order = of(full(P.AUTHORIZED), S.VERIFIED)
    less = observed(order, IntentState.CAPTURED, captured=100)
    assert the_hold(less) == (HoldCode.CAPTURED_LESS, "the desk", LATER, "1.00 EUR of 30.93 EUR")
    assert less.events[0] == Event(LATER, "captured_in_part", "worker", {"amount": 100})
    assert less.order.notices == ()
    undone = observed(of(full(P.AUTHORIZED), S.CANCELLED), IntentState.CAPTURED, captured=100)
    assert (undone.order.holds, undone.events[0].what) == ((), "captured")
    more = observed(order, IntentState.CAPTURED, captured=3193)
    [grant] = more.order.grants
    assert (grant.kind, grant.amount, grant.who) == (GrantKind.DIFFERENCE, 100, "worker")
    assert [event.what for event in more.events] == ["captured", "difference_granted"]


def test_a_refunded_payment_stays_refunded_unless_the_provider_reports_less() -> None:
    back = of(full(P.REFUNDED), S.CANCELLED)
    assert observed(back, IntentState.CAPTURED, captured=3093, refunded=3093) == after(
        back, due_at=None, search_after=None
    )
    less = observed(back, IntentState.CAPTURED, captured=3093, refunded=3092)
    assert (less.order.payment.state, less.order.payment.refunded) == (P.CAPTURED, 3092)


@pytest.mark.parametrize(("placement", "kind"), [(S.MERGED, NoticeKind.MERGED), (S.CANCELLED, NoticeKind.CANCELLED)])
def test_a_payment_that_is_void_holds_nothing(placement: PlacementState, kind: NoticeKind) -> None:
    order = of(full(P.AUTHORIZED, capture_before=DEADLINE, intent="pi_1"), placement, last_word=4)
    assert observed(order, IntentState.VOIDED) == after(
        order,
        Event(LATER, "voided", "worker"),
        notices=a_mail(kind, said=4),
        state=P.VOIDED,
        attempt=None,
        token=None,
        due_at=None,
        capture_before=None,
        next_action_url=None,
        ask_again_at=None,
        search_after=None,
    )


def test_a_payment_that_is_void_while_it_is_wanted_is_asked_for_again() -> None:
    for lapsed, what in ((True, "authorization_lapsed"), (False, "authorization_cancelled")):
        seen = observed(of(full(P.AUTHORIZED)), IntentState.VOIDED, lapsed=lapsed)
        assert (seen.order.payment.state, seen.events[0].what) == (P.ACTION_REQUIRED, what)


@pytest.mark.parametrize(("pay_by", "due_at"), [(DEADLINE, DEADLINE), (LATER, None), (None, None)])
def test_a_bank_that_asks_is_told_once_and_looked_at_before_the_time_is_over(pay_by: Any, due_at: Any) -> None:
    order = of(full(P.PENDING, pay_by=pay_by))
    url = "https://bank.example/2"
    seen = observed(order, IntentState.NEEDS_CUSTOMER, next_action_url=url)
    assert seen == after(
        order,
        Event(LATER, "bank_asks", "stripe"),
        notices=a_mail(NoticeKind.PAYMENT_NEEDED, LATER + timedelta(seconds=20)),
        state=P.ACTION_REQUIRED,
        intent="pi_1",
        attempt=None,
        token=None,
        due_at=due_at,
        next_action_url=url,
        ask_again_at=None,
        search_after=None,
    )
    assert observed(seen.order, IntentState.NEEDS_CUSTOMER, next_action_url=url).events == ()
    other = observed(seen.order, IntentState.NEEDS_CUSTOMER, next_action_url="https://bank.example/3")
    assert [event.what for event in other.events] == ["bank_asks"]
    first = observed(of(full(P.PENDING)), IntentState.NEEDS_CUSTOMER, next_action_url="https://bank.example")
    assert [event.what for event in first.events] == ["bank_asks"]


def test_a_decline_is_told_once() -> None:
    order = of(full(P.PENDING, decline=None))
    seen = observed(order, IntentState.NEEDS_CARD, decline=DECLINED)
    assert seen == after(
        order,
        Event(LATER, "declined", "stripe", {"code": "card_declined"}),
        notices=a_mail(NoticeKind.PAYMENT_NEEDED, LATER + timedelta(seconds=20)),
        state=P.ACTION_REQUIRED,
        intent="pi_1",
        attempt=None,
        token=None,
        due_at=None,
        decline=DECLINED,
        next_action_url=None,
        ask_again_at=None,
        search_after=None,
    )
    assert observed(seen.order, IntentState.NEEDS_CARD, decline=DECLINED) == Change(seen.order, ())
