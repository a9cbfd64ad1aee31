"""Whoever an order was handed to accepts it: it is hers from now on."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.support import handovers
from fallback.domain.support.late import act
from fallback.domain.support.ports import Duty


def accept_handover(ref: str, who: str, seen: int, *, ledger: Ledger, duty: Duty, clock: Clock) -> Order:
    """Raises Late, and NotAllowedNow if it is not on its way to her, or not any more."""
    roster = duty.roster()
    return act(ledger, ref, who, seen, lambda order: handovers.accept(order, roster, clock(), who))
