"""Cards and calls: everything that each step changes, and its timeline event."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.card_given import CardGiven
from fallback.domain.order.grants import Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import (
    Attempt,
    Call,
    Event,
    PlacementState,
)
from fallback.domain.payment import payment as payments
from tests.builders import NOW, a_payment
from tests.domain.payment.steps import DEADLINE, LATER, P, S, after, full, of, the_hold

GRANT = Grant(
    id=3, kind=GrantKind.REFUND, amount=5, reason="broken", who="Ann", at=NOW, incident="standby",
    state=GrantState.GRANTED,
)  # fmt: skip


@pytest.mark.parametrize(("placement", "pay_by"), [(S.WAITING, None), (S.VERIFIED, DEADLINE)])
def test_another_card_begins_anew(placement: PlacementState, pay_by: Any) -> None:
    order = of(full(P.ACTION_REQUIRED, attempt=None, search_after=None, cards=1), placement)
    card = CardGiven("print", "key")
    assert payments.card_given(order, "ctoken_2", card, LATER, "customer") == after(
        order,
        Event(LATER, "card_given", "customer", {"card": 2}),
        state=P.PENDING,
        token="ctoken_2",
        cards=2,
        given=(card,),
        decline=None,
        next_action_url=None,
        ask_again_at=None,
        pay_by=pay_by,
        due_at=LATER,
        tries=0,
    )


def test_a_report_about_a_payment_makes_it_due_for_a_read() -> None:
    order = of(a_payment(P.AUTHORIZED))
    said = payments.look_again(order, LATER, "back_from_bank", "customer")
    assert said == after(order, Event(LATER, "back_from_bank", "customer"), due_at=LATER)


@pytest.mark.parametrize(
    ("call", "cards", "round_", "key"),
    [
        (Call.CREATE, 2, 0, "FB-1:create"),
        (Call.CREATE, 2, 1, "FB-1:create:1"),
        (Call.CONFIRM, 2, 0, "FB-1:confirm:2"),
        (Call.CONFIRM, 2, 3, "FB-1:confirm:5"),
        (Call.CAPTURE, 2, 0, "FB-1:capture"),
        (Call.GRANT, 2, 0, "FB-1:grant:3"),
        (Call.GRANT, 2, 4, "FB-1:grant:3:4"),
    ],
)
def test_a_call_has_the_same_key_until_that_is_useless(call: Call, cards: int, round_: int, key: str) -> None:
    payment = a_payment(P.CAPTURED, cards=cards, round=round_, tries=1)
    order = of(payment, ref="FB-1", grants=(GRANT,))
    asked_at = LATER if call is Call.CREATE else None
    attempt = Attempt(call, key, LATER)
    begun = payments.begin(order, call, LATER, "the desk")
    assert begun == replace(after(order, attempt=attempt, asked_at=asked_at, tries=2))


def test_an_intent_is_asked_for_since_it_was_asked_for_first() -> None:
    order = of(a_payment(P.PENDING, asked_at=NOW))
    assert payments.begin(order, Call.CREATE, LATER, "the desk").order.payment.asked_at == NOW
    assert payments.begin(order, Call.CONFIRM, LATER, "the desk").order.payment.asked_at == NOW


def test_after_too_many_calls_a_person_looks_at_it() -> None:
    held = payments.begin(of(a_payment(P.PENDING, tries=8)), Call.CREATE, LATER, "the desk")
    assert the_hold(held) == (HoldCode.POISON, "the desk", LATER, "payment")
    assert held.order.payment.attempt is None


def test_a_postponed_call_does_not_count_as_a_try() -> None:
    order = of(full(P.PENDING))
    assert payments.put_off(order, LATER) == after(order, attempt=None, tries=0, due_at=LATER)
    capture = of(full(P.AUTHORIZED, attempt=Attempt(Call.CAPTURE, "key", NOW)), S.VERIFIED)
    put_off = payments.put_off(capture, LATER).order
    assert put_off.payment == replace(capture.payment, attempt=None, tries=0)
    assert put_off.placement == replace(capture.placement, due_at=LATER)


@pytest.mark.parametrize(("key_spent", "round_", "search"), [(False, 2, "pi_9"), (True, 3, "")])
def test_a_lost_answer_is_asked_for(key_spent: bool, round_: int, search: str) -> None:
    order = of(full(P.PENDING, round=2))
    assert payments.lost(order, DEADLINE, LATER, key_spent) == after(
        order,
        Event(LATER, "payment_unknown", "worker"),
        state=P.UNKNOWN,
        attempt=None,
        round=round_,
        search_after=search,
        due_at=DEADLINE,
        ask_again_at=None,
    )
    assert payments.not_answered(order, DEADLINE, LATER) == payments.lost(order, DEADLINE, LATER, key_spent=False)


def test_a_question_that_was_not_answered_is_asked_again() -> None:
    order = of(a_payment(P.UNKNOWN))
    assert payments.not_answered(order, DEADLINE, LATER) == after(order, due_at=DEADLINE)


@pytest.mark.parametrize(("attempt", "round_"), [(Attempt(Call.CREATE, "key", NOW), 3), (None, 2)])
def test_a_refused_call_makes_the_next_one_use_another_key(attempt: Attempt | None, round_: int) -> None:
    order = of(full(P.PENDING, round=2, attempt=attempt))
    held = payments.refused(order, "account_invalid", LATER, "the desk")
    assert held.order.payment == replace(order.payment, attempt=None, round=round_)
    assert the_hold(held) == (HoldCode.PAYMENT_REFUSED, "the desk", LATER, "account_invalid")
