"""A recipient of a handover accepts it and becomes the owner of the order."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.order import Order
from fallback.domain.support import handovers
from fallback.domain.support.late import act
from fallback.domain.support.ports import DutyRoster
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def duty(self) -> DutyRoster: ...


def accept_handover(deps: Deps, ref: str, who: str, seen: int) -> Order:
    """Raises Late, and NotAllowedNow if the order is not, or no longer, being handed over to this person."""
    roster = deps.duty.roster()
    return act(deps.ledger, ref, who, seen, lambda order: handovers.accept(order, roster, deps.clock(), who))
