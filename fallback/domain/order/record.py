"""Records what an external system returned, even if others wrote in the meantime."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.errors import Conflict
from fallback.domain.order.bounded import check_room
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order

# More than the people and processes that can write one order within the same few milliseconds.
TRIES = 20


def record(
    ledger: Ledger,
    order: Order,
    change: Callable[[Order], Change | None],
    *,
    about: Callable[[Order], object] = lambda _: None,
    once: str | None = None,
) -> Order:
    """Commit `change(order)`; if another write came first, decide again on the new document. None changes nothing.

    `about`: the part of the order that the result belongs to. If others have changed it, the result is outdated and
    Conflict is raised. `once` names an external event; AlreadyDone is raised if it was recorded before. Raises TooMuch
    if a person makes the change and the order has no room for it.
    """
    asked = about(order)
    for _ in range(TRIES):
        changed = change(order)
        if changed is None:
            return order
        check_room(order, changed.events)
        try:
            return ledger.commit(order, changed.order, changed.events, once=once)
        except Conflict:
            order = ledger.load(order.ref)
        if about(order) != asked:
            break
    raise Conflict(order.ref)
