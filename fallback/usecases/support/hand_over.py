"""Hand an order over to another person or team with everything that is known about it."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.order import Order
from fallback.domain.support import handovers
from fallback.domain.support.handovers import Packet
from fallback.domain.support.late import act
from fallback.domain.support.ports import DutyRoster
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def duty(self) -> DutyRoster: ...


def hand_over(deps: Deps, ref: str, packet: Packet, who: str, seen: int) -> Order:
    """Raises Late, Invalid, and NotAllowedNow when it is over or already being handed over."""
    roster = deps.duty.roster()
    return act(deps.ledger, ref, who, seen, lambda order: handovers.hand_over(order, packet, roster, deps.clock(), who))
