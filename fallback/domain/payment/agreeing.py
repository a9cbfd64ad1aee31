"""Whether the money of an order agrees with what it costs, and what is done where it does not."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds


def is_short(order: Order) -> bool:
    """It is settled with less than it costs, and no person has let that stand."""
    payment = order.payment
    less = payment.captured < payment.amount and payment.captured != payment.settled_for
    return less and headline(order) is Headline.SETTLED


def is_owed(order: Order) -> bool:
    """It is settled, and of what was taken too much nothing is on its way back."""
    return headline(order) is Headline.SETTLED and refunds.owed(order) > 0


def put_right(order: Order, now: datetime, owner: str) -> Change | None:
    """What is owed goes back, and a person looks at what is short. None: the money agrees."""
    if is_short(order):
        payment = order.payment
        return put_on_hold(order, HoldCode.CAPTURED_LESS, now, owner, f"{payment.captured} of {payment.amount}")
    return refunds.give_difference(order, "worker", now) if is_owed(order) else None
