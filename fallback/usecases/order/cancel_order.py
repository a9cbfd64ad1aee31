"""The customer, or a person for her, undoes the purchase. Saying it twice is the same as saying it once."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.placement import placement


def cancel_order(ref: str, who: str, *, ledger: Ledger, clock: Clock) -> Order:
    return record(ledger, ledger.load(ref), lambda order: placement.ask_to_cancel(order, clock(), who))
