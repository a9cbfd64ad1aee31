"""Give back what was granted: one grant a call, under its own key."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.money import Money
from fallback.domain.order.grants import to_make
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Call, Queue
from fallback.domain.payment import refunds
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts


def refund_payment(ref: str, *, ledger: Ledger, gateway_of: GatewayOf, attempts: PaymentAttempts, clock: Clock) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then."""
    order = ledger.load(ref)
    intent, gateway, grant = order.payment.intent, gateway_of(order), to_make(order.grants)
    if intent and grant and step_due(order, Queue.PAYMENT, clock()) is Step.REFUND:
        amount = Money(refunds.amount_now(order), order.currency)
        attempts.make(order, Call.GRANT, lambda key: gateway.refund(intent, amount, key, grant.id))
