"""Recovers an intent whose id was lost with a response: repeat the call that creates it, or search for the intent.

As long as the provider keeps the idempotency key, repeating the call returns the same intent with one request. After
that, the intents since then are listed, which takes long where there are many: each search continues where the last
stopped.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.domain import retries
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Order, PaymentState, Queue
from fallback.domain.payment.moves import with_payment

# The provider may forget a key after 24 hours.
KEY_LIFE = timedelta(hours=23)
# A search starts here.
NEWEST = ""
# One lost response does not mean that the next will be lost.
SLOW_AFTER = 2


def may_send_again(order: Order, now: datetime) -> bool:
    """Whether the call whose response was lost may be repeated under its key."""
    payment = order.payment
    lost = payment.intent is None and payment.search_after is None
    return lost and payment.asked_at is not None and now - payment.asked_at < KEY_LIFE


def is_slow(order: Order, now: datetime) -> bool:
    """Whether it may occupy a worker for long; then only some workers may do that at a time."""
    payment = order.payment
    if payment.intent or not (payment.attempt or payment.state is PaymentState.UNKNOWN):
        return False
    return payment.tries >= SLOW_AFTER or not may_send_again(order, now)


def not_through(order: Order, at: str, until: datetime, tries: int, now: datetime, owner: str) -> Change:
    """Everything down to the intent `at` belongs to others.

    Continue there at `until`, unless that was tried often enough.
    """
    order = with_payment(order, search_after=at, tries=tries, due_at=until)
    if retries.is_poison(tries):
        return put_on_hold(order, HoldCode.POISON, now, owner, Queue.PAYMENT)
    return Change(order, ())
