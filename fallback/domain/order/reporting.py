"""Whether the primary is to be told how the payment of an order stands, and when.

It is told after each capture, void and refund: a whole state, not a change, so a report may be repeated, and only the
latest one matters. It delays none of the order's other steps.
"""

from __future__ import annotations

from datetime import datetime

from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.payment_report import PaymentStands

# In the other states the payment is not decided.
DECIDED = frozenset({PaymentState.AUTHORIZED, PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.REFUNDED})
# The primary has or had the order by the id that it gave it; a merged order has the id of its rival.
KNOWN_THERE = frozenset({PlacementState.PLACED, PlacementState.VERIFIED, PlacementState.CANCELLED})


def stands(order: Order) -> PaymentStands:
    payment = order.payment
    return PaymentStands(payment.state, payment.intent, payment.captured, payment.refunded)


def report_due(order: Order) -> datetime | None:
    """None if the primary knows it already, or does not want to hear of it."""
    report = order.placement.report
    if report is None or order.placement.id is None or order.placement.state not in KNOWN_THERE:
        return None
    if order.payment.attempt or order.payment.state not in DECIDED or stands(order) == report.told:
        return None
    return (report.began_at and report.began_at + PATIENCE) or report.due_at or order.received_at
