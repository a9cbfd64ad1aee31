"""The customer says what helped her, one part at a time."""

from __future__ import annotations

from fallback.domain import ratings
from fallback.domain.order import Order
from fallback.domain.ports import Clock, Ledger
from fallback.domain.ratings import Part
from fallback.domain.recording import record


def rate_help(ref: str, part: Part, good: bool, *, ledger: Ledger, clock: Clock) -> Order:
    return record(ledger, ledger.load(ref), lambda order: ratings.rate(order, part, good, clock()))
