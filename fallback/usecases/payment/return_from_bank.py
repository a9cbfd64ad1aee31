"""The customer comes back from her bank's page: a shift shall look what it decided."""

from __future__ import annotations

from fallback.domain.order.bounded import is_full
from fallback.domain.order.order import Change, Order, PaymentState
from fallback.domain.order.record import record
from fallback.domain.payment import payment
from fallback.usecases.deps import OrderDeps


def return_from_bank(deps: OrderDeps, ref: str) -> Order:
    """An address that anybody's browser may open again and again: no line is written while a look is due, nor in a
    timeline that is full.
    """

    def look(order: Order) -> Change | None:
        now = deps.clock()
        is_due = order.payment.due_at is not None and order.payment.due_at <= now
        if order.payment.state is not PaymentState.ACTION_REQUIRED or is_due:
            return None
        change = payment.look_again(order, now, "back_from_bank", "customer")
        return Change(change.order, ()) if is_full(order, change.events[0]) else change

    return record(deps.ledger, deps.ledger.load(ref), look)
