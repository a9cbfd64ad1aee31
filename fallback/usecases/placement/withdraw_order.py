"""Cancel an order that the primary has, or may have, once the customer asked for it; then its payment is released."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Order, PlacementState, Queue
from fallback.domain.placement import placement
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import CANCEL, TOMBSTONES, Health
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def placement_attempts(self) -> PlacementAttempts: ...


def withdraw_order(deps: Deps, order: Order, health: Health) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then."""
    if step_due(order, Queue.PLACEMENT, deps.clock()) is not Step.WITHDRAW:
        return
    if order.placement.state in (PlacementState.PLACING, PlacementState.UNKNOWN):
        order = deps.placement_attempts.ask_what_became_of_it(order)
    if order.placement.state in (PlacementState.PLACED, PlacementState.VERIFIED):
        if CANCEL in health.can:
            deps.placement_attempts.cancel(order, health.can)
        else:
            deps.placement_attempts.look_whether_cancelled(order)
    elif order.placement.state is PlacementState.WAITING and TOMBSTONES in health.can:  # it was sent before
        deps.placement_attempts.cancel(order, health.can)
    elif order.placement.state is PlacementState.WAITING:
        ended = placement.cancelled(order, deps.clock())
        deps.ledger.commit(order, ended.order, ended.events)
