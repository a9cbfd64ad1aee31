"""Let go of the money of a purchase that was given up: void what is held, refund what was taken, once."""

from __future__ import annotations

from fallback.domain import payment
from fallback.domain.lifecycle import Step, next_step
from fallback.domain.money import Money
from fallback.domain.order import Call, PaymentState, Queue
from fallback.domain.payment_attempts import PaymentAttempts
from fallback.domain.ports import Clock, Ledger, PaymentGateway
from fallback.domain.recording import record


def release_payment(
    ref: str, *, ledger: Ledger, gateway: PaymentGateway, attempts: PaymentAttempts, clock: Clock
) -> None:
    order = ledger.load(ref)
    if next_step(order, Queue.PAYMENT) is not Step.RELEASE:
        return
    intent = order.payment.intent
    if intent is None:
        record(ledger, order, lambda order: payment.voided(order, clock()))
    elif order.payment.state is PaymentState.CAPTURED:
        left = Money(order.payment.captured - order.payment.refunded, order.currency)
        attempts.make(order, Call.REFUND, lambda key: gateway.refund(intent, left, key))
    else:
        attempts.make(order, Call.VOID, lambda key: gateway.void(intent, key))
