"""Let go of the money of a purchase that was given up: void what is held, refund what was taken, once."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.money import Money
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Call, PaymentState, Queue
from fallback.domain.payment import payment
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts


def release_payment(
    ref: str, *, ledger: Ledger, gateway_of: GatewayOf, attempts: PaymentAttempts, clock: Clock
) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then."""
    order = ledger.load(ref)
    if step_due(order, Queue.PAYMENT, clock()) is not Step.RELEASE:
        return
    intent, gateway = order.payment.intent, gateway_of(order)
    if intent is None:
        over = payment.voided(order, clock())
        ledger.commit(order, over.order, over.events)
    elif order.payment.state is PaymentState.CAPTURED:
        left = Money(order.payment.captured - order.payment.gone_back, order.currency)
        attempts.make(order, Call.REFUND, lambda key: gateway.refund(intent, left, key))
    else:
        attempts.make(order, Call.VOID, lambda key: gateway.void(intent, key))
