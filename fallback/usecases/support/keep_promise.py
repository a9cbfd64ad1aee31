"""Assign an owner to a waiting order, update its customer by the promised time, and end it if it stays unpaid."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Protocol

from fallback.domain.order.next_step import Step, next_step, step_due
from fallback.domain.order.order import Order, Queue
from fallback.domain.placement import unpaid
from fallback.domain.support import promises
from fallback.domain.support.ports import DutyRoster
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def clocks_agree(self) -> Callable[[], bool]: ...

    @property
    def duty(self) -> DutyRoster: ...

    @property
    def unpaid_for(self) -> timedelta: ...


def keep_promise(deps: Deps, order: Order) -> None:
    """Nothing ends by a clock that may be wrong, nor before its payment was read: it becomes due again after its lease.

    Raises Conflict if another write came in the meantime; the order is due again then. The turn of assignment advances
    after the order is assigned: a crash between the two assigns that person one more.
    """
    now = deps.clock()
    if step_due(order, Queue.NOTICE, now) is not Step.KEEP_PROMISE:
        return
    timeline = deps.ledger.timeline(order.ref)
    ended = unpaid.ended(order, timeline, now, deps.unpaid_for)
    if ended and (next_step(order, Queue.PAYMENT) or not deps.clocks_agree()):
        return
    kept = ended or promises.keep(order, timeline, deps.duty.roster(), now, deps.unpaid_for)
    deps.ledger.commit(order, kept.order, kept.events)
    if kept.order.owner != order.owner:
        deps.duty.given(kept.order.owner, now)
