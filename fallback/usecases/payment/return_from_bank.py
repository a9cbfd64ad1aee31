"""The customer comes back from their bank's page: a shift is to read what the bank decided."""

from __future__ import annotations

from fallback.domain.order.bounded import is_full
from fallback.domain.order.order import Change, Order, PaymentState
from fallback.domain.order.record import record
from fallback.domain.payment import payment
from fallback.usecases.deps import OrderDeps


def return_from_bank(deps: OrderDeps, ref: str) -> Order:
    """Any browser may open the URL repeatedly: nothing is written while a read is due, nor into a full timeline."""

    def look(order: Order) -> Change | None:
        now = deps.clock()
        is_due = order.payment.due_at is not None and order.payment.due_at <= now
        if order.payment.state is not PaymentState.ACTION_REQUIRED or is_due:
            return None
        change = payment.look_again(order, now, "back_from_bank", "customer")
        return Change(change.order, ()) if is_full(order, change.events[0]) else change

    return record(deps.ledger, deps.ledger.load(ref), look)
