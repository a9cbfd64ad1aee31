"""Look in the primary for an order that was sent and then given up, and undo it if it arrived late."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Order, Queue
from fallback.domain.placement.primary import Health
from fallback.domain.placement.withdrawals import Withdrawals
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def placement_attempts(self) -> Withdrawals: ...


def undo_late(deps: Deps, order: Order, health: Health) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then."""
    if step_due(order, Queue.PLACEMENT, deps.clock()) is Step.UNDO_LATE:
        deps.placement_attempts.undo_late(order, health.can)
