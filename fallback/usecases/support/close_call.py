"""The customer was called, and somebody says what came of it."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.support import callbacks
from fallback.domain.support.late import act


def close_call(ref: str, word: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow if there is no call to be made."""
    return act(ledger, ref, who, seen, lambda order: callbacks.close(order, word, clock(), who))
