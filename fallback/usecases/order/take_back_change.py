"""A change that the shop has not confirmed yet is not wanted any more, or cannot be had."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.placement import amendments
from fallback.domain.support.late import act


def take_back_change(ref: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, and NotAllowedNow once the purchase is being undone."""
    return act(ledger, ref, who, seen, lambda order: amendments.take_back(order, clock(), who))
