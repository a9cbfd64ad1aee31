"""Authorize the payment of an order: create the intent at Stripe, record its id, confirm that id (§8)."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Call, Queue
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts


def authorize_payment(
    ref: str,
    *,
    ledger: Ledger,
    gateway_of: GatewayOf,
    attempts: PaymentAttempts,
    clock: Clock,
    return_url: Callable[[str], str],
) -> None:
    """`return_url(ref)` is the page to which the bank sends the customer back. Raises Conflict if others were first."""
    order = ledger.load(ref)
    if step_due(order, Queue.PAYMENT, clock()) is not Step.AUTHORIZE:
        return
    gateway = gateway_of(order)
    if order.payment.intent is None:
        order = attempts.make(order, Call.CREATE, lambda key: gateway.create(ref, order.total, key))
    # Without an id there is nothing to confirm yet; a cancellation or a hold may have come in between.
    intent, token = order.payment.intent, order.payment.token
    if intent and token and step_due(order, Queue.PAYMENT, clock()) is Step.AUTHORIZE:
        attempts.make(order, Call.CONFIRM, lambda key: gateway.confirm(intent, token, return_url(ref), key))
