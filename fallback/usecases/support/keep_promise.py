"""An order that waits gets its owner, its customer hears by the time that was promised, and what nobody pays ends."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Step, next_step, step_due
from fallback.domain.order.order import Queue
from fallback.domain.placement import unpaid
from fallback.domain.support import promises
from fallback.domain.support.ports import Duty


def keep_promise(
    ref: str, *, ledger: Ledger, duty: Duty, clock: Clock, clocks_agree: Callable[[], bool], unpaid_for: timedelta
) -> None:
    """Nothing ends by a clock that may be wrong, nor before its payment was looked at: it comes due again by its lease.

    Raises Conflict if somebody else wrote in the meantime; the order is due again then. Whose turn it is moves on after
    the order is given: a crash between the two gives them one more.
    """
    order, now = ledger.load(ref), clock()
    if step_due(order, Queue.NOTICE, now) is not Step.KEEP_PROMISE:
        return
    timeline = ledger.timeline(ref)
    ended = unpaid.ended(order, timeline, now, unpaid_for)
    if ended and (next_step(order, Queue.PAYMENT) or not clocks_agree()):
        return
    kept = ended or promises.keep(order, timeline, duty.roster(), now, unpaid_for)
    ledger.commit(order, kept.order, kept.events)
    if kept.order.owner != order.owner:
        duty.given(kept.order.owner, now)
