"""What was sent to the primary and given up is looked for there, and undone if it came late."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Queue
from fallback.domain.placement.primary import Health
from fallback.domain.placement.withdrawals import Withdrawals


def undo_late(ref: str, health: Health, *, ledger: Ledger, placements: Withdrawals, clock: Clock) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then."""
    order = ledger.load(ref)
    if step_due(order, Queue.PLACEMENT, clock()) is Step.UNDO_LATE:
        placements.undo_late(order, health.can)
