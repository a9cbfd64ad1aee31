"""Calls that Stripe refused, is still processing or does not know, and events during a call."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.grants import Booked, GrantKind
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Attempt, Call, Change, Decline, Event, Order, PaymentState, PlacementState
from fallback.domain.payment import payment as payments
from fallback.domain.payment import search
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.domain.payment.news import PaymentNews, caught_up, remembered
from fallback.domain.retries import POISON_AFTER
from tests.builders import NOW, a_payment, an_order

P = PaymentState
LATER = NOW + timedelta(hours=1)
ATTEMPT = Attempt(Call.CONFIRM, "key", NOW)
NOBODY_ASKED = {"attempt": None, "search_after": None, "ask_again_at": None}


def of(state: PaymentState, **changes: Any) -> Order:
    about = {"attempt": ATTEMPT, "asked_at": NOW, "search_after": "pi_9", "ask_again_at": NOW, "intent": "pi_1"}
    return an_order(payment=a_payment(state, **(about | changes)))


def after(order: Order, *events: Event, **changes: Any) -> Change:
    return Change(replace(order, payment=replace(order.payment, **changes)), events)


def an_intent(state: IntentState, **changes: Any) -> Intent:
    return Intent(**({"id": "pi_1", "state": state, "amount": 3093, "currency": "EUR"} | changes))


@pytest.mark.parametrize("state", [IntentState.NEEDS_CARD, IntentState.NEEDS_CONFIRMATION])
def test_what_was_not_taken_is_sent_at_once_while_there_is_a_card(state: IntentState) -> None:
    order = of(P.PENDING)
    sent = payments.observe(order, an_intent(state), LATER, "the desk")
    assert sent == after(order, due_at=LATER, **NOBODY_ASKED)
    asked = of(P.ACTION_REQUIRED, due_at=NOW)
    waits = payments.observe(asked, an_intent(state), LATER, "the desk")
    assert waits == after(asked, attempt=None, search_after=None, due_at=None)


def test_what_stripe_still_thinks_about_is_asked_again_soon() -> None:
    order = of(P.PENDING)
    thinks = payments.observe(order, an_intent(IntentState.PROCESSING), LATER, "the desk")
    soon = {"due_at": LATER + timedelta(seconds=10), "processing_since": LATER}
    assert thinks == after(order, state=P.UNKNOWN, **soon, **NOBODY_ASKED)


def test_an_intent_that_stripe_does_not_have_is_made_anew_or_not_missed() -> None:
    order = of(P.PENDING)
    anew = payments.observe(order, None, LATER, "the desk")
    assert anew == after(order, asked_at=None, due_at=LATER, **NOBODY_ASKED)
    given_up = replace(order, placement=an_order(placement=PlacementState.CANCELLED).placement)
    assert payments.observe(given_up, None, LATER, "the desk").order.payment.state is P.VOIDED


@pytest.mark.parametrize(
    ("token", "cards", "is_told"), [("ctoken_2", 2, False), ("ctoken_1", 1, True), (None, 2, True)]
)
def test_a_decline_may_be_that_of_the_card_before(token: str | None, cards: int, is_told: bool) -> None:
    declined = an_intent(IntentState.NEEDS_CARD, decline=Decline("card_declined", "customer"))
    news = payments.news(of(P.UNKNOWN, token=token, cards=cards), declined)
    assert news == (declined if is_told else replace(declined, decline=None))


# --- looking for an intent


@pytest.mark.parametrize(
    ("changes", "may"),
    [
        ({}, True),
        ({"intent": "pi_1"}, False),
        ({"search_after": ""}, False),
        ({"asked_at": None}, False),
        ({"asked_at": LATER - search.KEY_LIFE}, False),
        ({"asked_at": LATER - search.KEY_LIFE + timedelta(seconds=1)}, True),
    ],
)
def test_within_the_life_of_its_key_the_same_call_may_be_sent_again(changes: dict[str, Any], may: bool) -> None:
    order = of(P.UNKNOWN, **({"intent": None, "search_after": None} | changes))
    assert search.may_send_again(order, LATER) is may


@pytest.mark.parametrize(
    ("state", "changes", "slow"),
    [
        (P.UNKNOWN, {}, False),
        (P.UNKNOWN, {"tries": 2}, True),
        (P.UNKNOWN, {"tries": 1}, False),
        (P.UNKNOWN, {"search_after": ""}, True),
        (P.UNKNOWN, {"search_after": "", "intent": "pi_1"}, False),
        (P.PENDING, {"search_after": "", "attempt": ATTEMPT}, True),
        (P.PENDING, {"search_after": "", "attempt": None}, False),
    ],
)
def test_a_search_may_take_long(state: PaymentState, changes: dict[str, Any], slow: bool) -> None:
    order = of(state, **({"intent": None, "search_after": None, "attempt": None} | changes))
    assert search.is_slow(order, LATER) is slow


def test_a_search_goes_on_from_where_it_was_until_it_was_tried_too_often() -> None:
    order = of(P.UNKNOWN, tries=6)
    on = search.not_through(order, "pi_5", LATER, 7, NOW, "the desk")
    assert on == after(order, search_after="pi_5", tries=7, due_at=LATER)
    held = search.not_through(on.order, "pi_4", LATER, POISON_AFTER, NOW, "the desk").order
    assert held.payment == replace(order.payment, search_after="pi_4", tries=8, due_at=LATER)
    [hold] = held.holds
    assert (hold.code, hold.owner, hold.since, hold.detail) == (HoldCode.POISON, "the desk", NOW, "payment")


# --- news that comes while a call is under way

CAPTURED, LAPSED = PaymentNews.CAPTURED, PaymentNews.LAPSED


def test_news_waits_for_the_outcome_and_each_once() -> None:
    order = of(P.PENDING)
    first = remembered(order, CAPTURED)
    assert first == after(order, heard=(CAPTURED,))
    assert remembered(first.order, CAPTURED) is None
    assert remembered(first.order, LAPSED) == after(order, heard=(CAPTURED, LAPSED))


def test_events_that_the_outcome_does_not_cover_are_read_after_the_call() -> None:
    booked = Booked(GrantKind.GOODWILL, "standby", "EUR", 5)
    order = of(P.AUTHORIZED, attempt=None, heard=(CAPTURED, PaymentNews.AUTHORIZED), due_at=NOW)
    outcome = Change(order, (Event(NOW, "authorized", "stripe"),), booked)
    told = (*outcome.events, Event(LATER, CAPTURED, "stripe"))
    assert caught_up(outcome, LATER) == Change(after(order, heard=(), due_at=LATER).order, told, booked)
    known = of(P.AUTHORIZED, attempt=None, heard=(PaymentNews.AUTHORIZED,), due_at=NOW)
    assert caught_up(Change(known, ()), LATER) == after(known, heard=())


@pytest.mark.parametrize("changes", [{"heard": (CAPTURED,)}, {"attempt": None}])
def test_while_a_call_runs_or_where_nothing_was_heard_nothing_is_to_be_caught_up(changes: dict[str, Any]) -> None:
    change = Change(of(P.PENDING, **changes), ())
    assert caught_up(change, LATER) is change
