"""Read a payment from the provider: after a crash, a lost response, a visit to the bank, or a webhook."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Call, Order, Queue
from fallback.domain.payment.gateway import GatewayOf, Intent, IntentState, PaymentGateway
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.payment.search import NEWEST, may_send_again
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def gateway_of(self) -> GatewayOf: ...

    @property
    def payment_attempts(self) -> PaymentAttempts: ...


def follow_payment(deps: Deps, order: Order) -> None:
    """Raises Conflict if the payment changed during the call; the order is due again then."""
    now = deps.clock()
    if step_due(order, Queue.PAYMENT, now) is not Step.FOLLOW:
        return
    gateway = deps.gateway_of(order)
    if may_send_again(order, now):
        deps.payment_attempts.make(order, Call.CREATE, lambda key: gateway.create(order.ref, order.total, key))
    else:
        deps.payment_attempts.look(order, lambda: _intent(order, gateway))


def _intent(order: Order, gateway: PaymentGateway) -> Intent | None:
    if order.payment.intent:
        return gateway.retrieve(order.payment.intent)
    payment = order.payment
    found = gateway.find(order.ref, payment.asked_at or order.received_at, payment.search_after or NEWEST)
    # A voided intent belongs to an earlier attempt: the one that we search for was never created.
    return None if found and found.state is IntentState.VOIDED else found
