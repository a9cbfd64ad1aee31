"""The customer was called, and somebody says what came of it."""

from __future__ import annotations

from fallback.domain import calls
from fallback.domain.acting import act
from fallback.domain.clock import Clock
from fallback.domain.ledger import Ledger
from fallback.domain.order import Order


def close_call(ref: str, word: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow if there is no call to be made."""
    return act(ledger, ref, who, seen, lambda order: calls.close(order, word, clock(), who))
