"""An order that waits gets its owner, and its customer hears by the time that she was promised."""

from __future__ import annotations

from fallback.domain import promises
from fallback.domain.lifecycle import Step, step_due
from fallback.domain.order import Queue
from fallback.domain.ports import Clock, Duty, Ledger


def keep_word(ref: str, *, ledger: Ledger, duty: Duty, clock: Clock) -> None:
    """Raises Conflict if somebody else wrote in the meantime; the order is due again then.

    Whose turn it is moves on after the order is given: a crash between the two gives her one more.
    """
    order, now = ledger.load(ref), clock()
    if step_due(order, Queue.NOTICE, now) is not Step.KEEP_WORD:
        return
    kept = promises.keep(order, ledger.timeline(ref), duty.roster(), now)
    ledger.commit(order, kept.order, kept.events)
    if kept.order.owner != order.owner:
        duty.given(kept.order.owner, now)
