"""The payment provider says something against a payment: a dispute, a review, a fraud warning."""

from __future__ import annotations

from contextlib import suppress

from fallback.domain.clock import Clock
from fallback.domain.errors import AlreadyDone
from fallback.domain.order.concern import Concern
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.payment import concerns


def hear_concern(event_id: str, concern: Concern, intent_id: str, *, ledger: Ledger, clock: Clock, desk: str) -> None:
    """A webhook whose signature was verified. A payment that is not ours is another's on the same account."""
    ref = ledger.ref_of_intent(intent_id)
    if ref is None:
        return

    def heard(order: Order) -> Change | None:
        return concerns.heard(order, concern, intent_id, clock(), desk)

    with suppress(AlreadyDone):
        record(ledger, ledger.load(ref), heard, once=event_id)
