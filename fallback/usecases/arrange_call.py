"""The customer is to be called, at a number and a time."""

from __future__ import annotations

from datetime import datetime

from fallback.domain import calls
from fallback.domain.acting import act
from fallback.domain.clock import Clock
from fallback.domain.ledger import Ledger
from fallback.domain.order import Order


def arrange_call(ref: str, phone: str, at: datetime, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow once the personal data is erased."""
    return act(ledger, ref, who, seen, lambda order: calls.arrange(order, phone, at, clock(), who))
