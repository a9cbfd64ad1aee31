"""Ask Stripe what became of a payment: after a crash, a lost answer, a visit to the bank, or a webhook."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Call, Order, Queue
from fallback.domain.payment.gateway import GatewayOf, Intent, IntentState, PaymentGateway
from fallback.domain.payment.payment_attempts import PaymentAttempts
from fallback.domain.payment.search import NEWEST, may_send_again


def follow_payment(ref: str, *, ledger: Ledger, gateway_of: GatewayOf, attempts: PaymentAttempts, clock: Clock) -> None:
    """Raises Conflict if the payment went on while we looked; the order is due again then."""
    order, now = ledger.load(ref), clock()
    if step_due(order, Queue.PAYMENT, now) is not Step.FOLLOW:
        return
    gateway = gateway_of(order)
    if may_send_again(order, now):
        attempts.make(order, Call.CREATE, lambda key: gateway.create(ref, order.total, key))
    else:
        attempts.look(order, lambda: _intent(order, gateway))


def _intent(order: Order, gateway: PaymentGateway) -> Intent | None:
    if order.payment.intent:
        return gateway.retrieve(order.payment.intent)
    payment = order.payment
    found = gateway.find(order.ref, payment.asked_at or order.received_at, payment.search_after or NEWEST)
    # An intent that is over was let go of before: the one that we look for has never come to be.
    return None if found and found.state is IntentState.VOIDED else found
