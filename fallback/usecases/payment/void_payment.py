"""Release the money of a cancelled purchase: void the authorization, or refund the captured amount, once."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.money import Money
from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Call, Order, PaymentState, Queue
from fallback.domain.payment import payment, refunds, sent_back
from fallback.domain.payment.gateway import GatewayOf
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def gateway_of(self) -> GatewayOf: ...

    @property
    def payment_attempts(self) -> PaymentAttempts: ...


def void_payment(deps: Deps, order: Order) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then."""
    if step_due(order, Queue.PAYMENT, deps.clock()) is not Step.VOID:
        return
    intent, gateway = order.payment.intent, deps.gateway_of(order)
    if intent is None:
        over = payment.voided(order, deps.clock())
        deps.ledger.commit(order, over.order, over.events)
    elif order.payment.state is PaymentState.CAPTURED:
        left = Money(refunds.left(order), order.currency)
        if left.amount <= 0:
            over = sent_back.taken_back(order, deps.clock())
            deps.ledger.commit(order, over.order, over.events)
        else:
            deps.payment_attempts.make(order, Call.REFUND, lambda key: gateway.refund(intent, left, key))
    else:
        deps.payment_attempts.make(order, Call.VOID, lambda key: gateway.void(intent, key))
