"""The customer is to be called, at a number and a time."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.support import callbacks
from fallback.domain.support.late import act


def arrange_call(ref: str, phone: str, at: datetime, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow once the personal data is erased."""
    return act(ledger, ref, who, seen, lambda order: callbacks.arrange(order, phone, at, clock(), who))
