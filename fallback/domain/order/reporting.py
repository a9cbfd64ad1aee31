"""Whether the primary is to be told something about an order that it has, and when.

It is told how the payment stands after each capture, void and refund, and that the customer withdrew from the contract:
a whole state, not a change, so a report may be repeated, and only the latest one matters. It delays none of the order's
other steps.
"""

from __future__ import annotations

from datetime import datetime

from fallback.domain.order.order import Order, PaymentState, PlacementState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.payment_report import PaymentStands
from fallback.domain.order.withdrawal import WithdrawalState

# In the other states the payment is not decided.
DECIDED = frozenset({PaymentState.AUTHORIZED, PaymentState.CAPTURED, PaymentState.VOIDED, PaymentState.REFUNDED})
# The primary has or had the order by the id that it gave it; a merged order has the id of its rival.
KNOWN_THERE = frozenset({PlacementState.PLACED, PlacementState.VERIFIED, PlacementState.CANCELLED})
# The customer has a contract with the shop for it.
HAS_IT = frozenset({PlacementState.PLACED, PlacementState.VERIFIED, PlacementState.MERGED})


def stands(order: Order) -> PaymentStands:
    payment = order.payment
    return PaymentStands(payment.state, payment.intent, payment.captured, payment.refunded)


def report_number(order: Order) -> int:
    """Of the latest report that was begun; 0 before the first one."""
    report = order.placement.report
    return report.number if report else 0


def report_due(order: Order) -> datetime | None:
    """When the next report is due. None if the primary knows all."""
    return min((at for at in (_payment_due(order), withdrawal_due(order)) if at), default=None)


def withdrawal_due(order: Order) -> datetime | None:
    """Once the primary has the order. Where ours gave way to one of the shop, a person tells it."""
    withdrawal = order.withdrawal
    if withdrawal is None or withdrawal.state is not WithdrawalState.ASKED or order.placement.state not in HAS_IT:
        return None
    return (withdrawal.began_at and withdrawal.began_at + PATIENCE) or withdrawal.due_at or withdrawal.statements[-1].at


def _payment_due(order: Order) -> datetime | None:
    """None if the primary knows it already, or does not want to hear of it."""
    report = order.placement.report
    if report is None or order.placement.id is None or order.placement.state not in KNOWN_THERE:
        return None
    if order.payment.attempt or order.payment.state not in DECIDED or stands(order) == report.told:
        return None
    return (report.began_at and report.began_at + PATIENCE) or report.due_at or order.received_at
