"""Send the primary a change requested after the order was placed; it is done once it is read back."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Order, Queue
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Health
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def placement_attempts(self) -> PlacementAttempts: ...


def amend_order(deps: Deps, order: Order, health: Health) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then, with what was written."""
    if step_due(order, Queue.PLACEMENT, deps.clock()) is not Step.AMEND:
        return
    if order.amendment and order.amendment.contact and not {"amend", "contact"} <= health.can:
        order = deps.placement_attempts.keep_contact_here(order)
        if order.amendment is None:
            return
    if "amend" in health.can:
        deps.placement_attempts.amend(order, health.can)
    else:
        deps.placement_attempts.look_whether_amended(order, health.can)
