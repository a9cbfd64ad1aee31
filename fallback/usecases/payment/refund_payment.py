"""Refund what was granted: one grant for each call, under its own key."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.money import Money
from fallback.domain.order.grants import to_make
from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Call, Order, Queue
from fallback.domain.payment import refunds
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def gateway_of(self) -> GatewayOf: ...

    @property
    def payment_attempts(self) -> PaymentAttempts: ...


def refund_payment(deps: Deps, order: Order) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then."""
    intent, gateway, grant = order.payment.intent, deps.gateway_of(order), to_make(order.grants)
    if intent and grant and step_due(order, Queue.PAYMENT, deps.clock()) is Step.REFUND:
        amount = Money(refunds.amount_now(order), order.currency)
        deps.payment_attempts.make(order, Call.GRANT, lambda key: gateway.refund(intent, amount, key, grant.id))
