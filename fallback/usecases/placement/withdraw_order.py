"""Cancel an order that the primary has, or may have, once the customer asked for it; its payment is released after."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import PlacementState, Queue
from fallback.domain.placement import placement
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import CANCEL, TOMBSTONES, Health


def withdraw_order(ref: str, health: Health, *, ledger: Ledger, placements: PlacementAttempts, clock: Clock) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then."""
    order = ledger.load(ref)
    if step_due(order, Queue.PLACEMENT, clock()) is not Step.WITHDRAW:
        return
    if order.placement.state in (PlacementState.PLACING, PlacementState.UNKNOWN):
        order = placements.ask_what_became_of_it(order)
    if order.placement.state in (PlacementState.PLACED, PlacementState.VERIFIED):
        if CANCEL in health.can:
            placements.cancel(order, health.can)
        else:
            placements.look_whether_cancelled(order)
    elif order.placement.state is PlacementState.HELD and order.placement.sent and TOMBSTONES in health.can:
        placements.cancel(order, health.can)
    elif order.placement.state is PlacementState.HELD:
        ended = placement.cancelled(order, clock())
        ledger.commit(order, ended.order, ended.events)
