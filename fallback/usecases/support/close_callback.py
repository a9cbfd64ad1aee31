"""Record the result of a callback."""

from __future__ import annotations

from fallback.domain.order.order import Order
from fallback.domain.support import callbacks
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def close_callback(deps: OrderDeps, ref: str, word: str, who: str, seen: int) -> Order:
    """Raises Late, Invalid, and NotAllowedNow if there is no pending callback."""
    return act(deps.ledger, ref, who, seen, lambda order: callbacks.close(order, word, deps.clock(), who))
