"""An order is handed to another person or team with all that is known about it."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.support import handovers
from fallback.domain.support.handovers import Packet
from fallback.domain.support.late import act
from fallback.domain.support.ports import Duty


def hand_over(ref: str, packet: Packet, who: str, seen: int, *, ledger: Ledger, duty: Duty, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow when it is over or already on its way to somebody."""
    roster = duty.roster()
    return act(ledger, ref, who, seen, lambda order: handovers.hand_over(order, packet, roster, clock(), who))
