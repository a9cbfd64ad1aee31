"""An order whose payment has all about it that it may have, and what a step makes of it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

from msgspec.structs import replace

from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Decline,
    Event,
    Notice,
    NoticeKind,
    Order,
    Payment,
    PaymentState,
    PlacementState,
)
from fallback.domain.payment.gateway import Intent, IntentState
from tests.builders import NOW, a_payment, an_order

P, S = PaymentState, PlacementState
LATER = NOW + timedelta(hours=1)
DEADLINE = NOW + timedelta(days=7)
DECLINED = Decline("card_declined", "customer")


def full(state: PaymentState, **changes: Any) -> Payment:
    """All that a payment may have about it while it is under way."""
    about = {
        "token": "ctoken_1",
        "attempt": Attempt(Call.CONFIRM, "key", NOW),
        "asked_at": NOW,
        "tries": 3,
        "due_at": NOW,
        "decline": DECLINED,
        "next_action_url": "https://bank.example",
        "ask_again_at": NOW,
        "pay_by": DEADLINE,
        "search_after": "pi_9",
    }
    return a_payment(state, **(about | changes))


def of(payment: Payment, placement: Any = S.WAITING, **changes: Any) -> Order:
    return an_order(payment=payment, placement=placement, **changes)


def an_intent(state: IntentState, **changes: Any) -> Intent:
    return Intent(**({"id": "pi_1", "state": state, "amount": 3093, "currency": "EUR"} | changes))


def after(order: Order, *events: Event, notices: tuple[Notice, ...] = (), **changes: Any) -> Change:
    return Change(replace(order, payment=replace(order.payment, **changes), notices=notices), events)


def a_mail(kind: NoticeKind, due_at: Any = LATER, said: int = 0) -> tuple[Notice, ...]:
    return (Notice(id="1", kind=kind, due_at=due_at, said=said),)


def the_hold(change: Change) -> tuple[Any, ...]:
    [hold] = change.order.holds
    return hold.code, hold.owner, hold.since, hold.detail
