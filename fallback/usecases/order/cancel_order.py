"""The customer, or an agent on their behalf, cancels the purchase. Repeating it changes nothing."""

from __future__ import annotations

from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.placement import placement
from fallback.usecases.deps import OrderDeps


def cancel_order(deps: OrderDeps, ref: str, who: str) -> Order:
    return record(deps.ledger, deps.ledger.load(ref), lambda order: placement.ask_to_cancel(order, deps.clock(), who))
