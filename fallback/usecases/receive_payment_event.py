"""A webhook says that something happened to a payment: a shift looks at the intent itself (§8).

The event's own copy is not acted on: events come late, twice and out of order. What belongs to no order of ours goes
to the inbox, where a person finds it.
"""

from __future__ import annotations

from msgspec import Struct

from fallback.domain import payment
from fallback.domain.errors import AlreadyDone, Conflict, UnknownOrder
from fallback.domain.order import PaymentState
from fallback.domain.ports import Clock, Ledger


class PaymentEvent(Struct, frozen=True):
    """A webhook whose signature was verified. `ref` is from the intent's metadata, where the event carries it."""

    id: str
    type: str
    intent_id: str | None
    ref: str | None
    payload: bytes


# The events that we follow, each with the states that know already what it says
# (https://docs.stripe.com/payments/paymentintents/lifecycle, https://docs.stripe.com/api/events/types).
P = PaymentState
FOLLOWED = {
    "payment_intent.requires_action": {P.ACTION_REQUIRED, P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    "payment_intent.payment_failed": {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    "payment_intent.amount_capturable_updated": {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    "payment_intent.succeeded": {P.CAPTURED, P.REFUNDED},
    "payment_intent.canceled": {P.VOIDED, P.REFUNDED},
    "charge.refunded": {P.REFUNDED},
    "charge.expired": {P.VOIDED, P.REFUNDED},
}
TRIES = 20


def receive_payment_event(event: PaymentEvent, *, ledger: Ledger, clock: Clock) -> None:
    if event.type not in FOLLOWED:
        return None
    for _ in range(TRIES):
        try:
            return _receive(event, ledger, clock)
        except Conflict:
            continue
    raise Conflict(event.id)


def _receive(event: PaymentEvent, ledger: Ledger, clock: Clock) -> None:
    ref = event.ref or (ledger.ref_of_intent(event.intent_id) if event.intent_id else None)
    try:
        order = ledger.load(ref or "")
    except UnknownOrder:
        ledger.keep_unclaimed(event.id, event.payload)
        return
    if order.payment.state in FOLLOWED[event.type] or order.payment.attempt:
        return  # known already, or whoever made the call is about to know it
    change = payment.look_again(order, clock(), event.type, "stripe")
    try:
        ledger.commit(order, change.order, change.events, once=event.id)
    except AlreadyDone:
        return
