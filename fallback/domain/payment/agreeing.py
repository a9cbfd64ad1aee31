"""Compares the captured sum with what an order costs, and corrects a difference."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds


def is_short(order: Order) -> bool:
    """Less was captured than the order costs, and no person has accepted that."""
    payment = order.payment
    less = payment.captured < payment.amount and payment.captured != payment.settled_for
    return less and headline(order) is Headline.SETTLED


def is_owed(order: Order) -> bool:
    """More was captured than the order costs, and nothing of the difference is being refunded."""
    return headline(order) is Headline.SETTLED and refunds.owed(order) > 0


def put_right(order: Order, now: datetime, owner: str) -> Change | None:
    """Refund what was paid too much; put the order on hold if too little was captured. None: the sums agree."""
    if is_short(order):
        payment = order.payment
        return put_on_hold(order, HoldCode.CAPTURED_LESS, now, owner, f"{payment.captured} of {payment.amount}")
    return refunds.give_difference(order, "worker", now) if is_owed(order) else None
