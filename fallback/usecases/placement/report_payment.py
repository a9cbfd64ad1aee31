"""Tell the primary how the payment of an order stands: captured, voided, refunded."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.lifecycle import Step, step_due
from fallback.domain.order.order import Queue
from fallback.domain.placement.primary import Health
from fallback.domain.placement.report_attempts import ReportAttempts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def report_attempts(self) -> ReportAttempts: ...


def report_payment(deps: Deps, ref: str, health: Health) -> None:
    """Raises Conflict if another write came in the meantime; the order is due again then."""
    order = deps.ledger.load(ref)
    if step_due(order, Queue.PLACEMENT, deps.clock()) is Step.REPORT_PAYMENT:
        deps.report_attempts.report_payment(order, health.can)
