"""Write down what came back from the other side, whoever else wrote in the meantime."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.errors import Conflict
from fallback.domain.order import Change, Order
from fallback.domain.ports import Ledger

# More than the people and processes that can touch one order in the same few milliseconds.
TRIES = 20


def record(ledger: Ledger, order: Order, change: Callable[[Order], Change | None]) -> Order:
    """Commit `change(order)`; if somebody else was first, decide again on what they left. None changes nothing."""
    for _ in range(TRIES):
        changed = change(order)
        if changed is None:
            return order
        try:
            return ledger.commit(order, changed.order, changed.events)
        except Conflict:
            order = ledger.load(order.ref)
    raise Conflict(order.ref)
