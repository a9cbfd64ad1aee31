"""Bring a change that was asked for after the order was placed to the primary; it counts once it is read back."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Queue
from fallback.domain.placement.placement_attempts import PlacementAttempts
from fallback.domain.placement.primary import Health


def amend_order(ref: str, health: Health, *, ledger: Ledger, placements: PlacementAttempts, clock: Clock) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then, as they left it."""
    order = ledger.load(ref)
    if step_due(order, Queue.PLACEMENT, clock()) is not Step.AMEND:
        return
    if order.amendment and order.amendment.contact and not {"amend", "contact"} <= health.can:
        order = placements.keep_contact_here(order)
        if order.amendment is None:
            return
    if "amend" in health.can:
        placements.amend(order, health.can)
    else:
        placements.look_whether_amended(order, health.can)
