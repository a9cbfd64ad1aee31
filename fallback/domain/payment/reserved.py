"""Whether the customer's bank reserved an amount for an order that is given up."""

from __future__ import annotations

from fallback.domain.order.order import Payment, PaymentState


def was_reserved(payment: Payment) -> bool | None:
    """None: not known, because no answer came, because the customer may have confirmed it at their bank by now, or
    because an earlier reservation may still show there."""
    if payment.authorized:
        return True
    if payment.state in (PaymentState.PENDING, PaymentState.UNKNOWN) or payment.next_action_url or payment.outgrown:
        return None
    if payment.state is PaymentState.VOIDED and payment.cards and payment.decline is None:
        return None
    return False
