"""Ask Stripe what became of a payment: after a crash, a lost answer, a visit to the bank, or a webhook."""

from __future__ import annotations

from fallback.domain import payment
from fallback.domain.lifecycle import Step, next_step
from fallback.domain.order import Order, Queue
from fallback.domain.payment_attempts import PaymentAttempts
from fallback.domain.ports import Clock, Intent, Ledger, PaymentGateway
from fallback.domain.recording import record


def follow_payment(
    ref: str, *, ledger: Ledger, gateway: PaymentGateway, attempts: PaymentAttempts, clock: Clock
) -> None:
    order = ledger.load(ref)
    if next_step(order, Queue.PAYMENT) is not Step.FOLLOW:
        return
    try:
        attempts.look(order, lambda: _intent(order, gateway))
    except _NeverCreated:
        record(ledger, order, lambda order: payment.never_created(order, clock()))


class _NeverCreated(Exception):
    """Stripe has no intent for this order: the call to create one never arrived there."""


def _intent(order: Order, gateway: PaymentGateway) -> Intent:
    if order.payment.intent:
        return gateway.retrieve(order.payment.intent)
    intent = gateway.find(order.ref, order.received_at)
    if intent is None:
        raise _NeverCreated
    return intent
