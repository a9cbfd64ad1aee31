"""Tell the primary what it has to hear: how the payment stands, and that the customer withdrew from the contract."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.next_step import Step, step_due
from fallback.domain.order.order import Order, Queue
from fallback.domain.order.reporting import report_due, withdrawal_due
from fallback.domain.placement.primary import Health
from fallback.domain.placement.report_attempts import ReportAttempts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def report_attempts(self) -> ReportAttempts: ...


def report_to_primary(deps: Deps, order: Order, health: Health) -> None:
    """One report, the one due first. Raises Conflict if another write came meanwhile; the order is due again then."""
    if step_due(order, Queue.PLACEMENT, deps.clock()) is not Step.REPORT:
        return
    if withdrawal_due(order) == report_due(order):
        deps.report_attempts.report_withdrawal(order, health.can)
    else:
        deps.report_attempts.report_payment(order, health.can)
