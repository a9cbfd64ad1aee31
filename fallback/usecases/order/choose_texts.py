"""The customer agrees to text messages about their order, or withdraws that. Both count at once."""

from __future__ import annotations

from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.order.text_messages import agree
from fallback.usecases.deps import OrderDeps


def choose_texts(deps: OrderDeps, ref: str, wanted: bool) -> Order:
    """Unchanged if it is wanted, and there is no number of a mobile phone."""
    return record(deps.ledger, deps.ledger.load(ref), lambda order: agree(order, wanted, deps.clock(), CUSTOMER))
