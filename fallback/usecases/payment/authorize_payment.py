"""Authorize the payment of an order: create the intent at the payment provider, record its id, confirm that id."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.links import Links
from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Call, Order, Queue
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def gateway_of(self) -> GatewayOf: ...

    @property
    def links(self) -> Links: ...

    @property
    def payment_attempts(self) -> PaymentAttempts: ...


def authorize_payment(deps: Deps, order: Order) -> None:
    """Raises Conflict if another write came first; the order is due again then."""
    if step_due(order, Queue.PAYMENT, deps.clock()) is not Step.AUTHORIZE:
        return
    gateway = deps.gateway_of(order)
    if order.payment.intent is None:
        order = deps.payment_attempts.make(order, Call.CREATE, lambda key: gateway.create(order.ref, order.total, key))
    # Without an id there is nothing to confirm yet; a cancellation or a hold may have come in between.
    intent, token = order.payment.intent, order.payment.token
    if intent and token and step_due(order, Queue.PAYMENT, deps.clock()) is Step.AUTHORIZE:
        deps.payment_attempts.make(
            order, Call.CONFIRM, lambda key: gateway.confirm(intent, token, deps.links.back_from_bank(order.ref), key)
        )
