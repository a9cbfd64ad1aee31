"""Arrange a callback for the customer, at a number and a time."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.order.order import Order
from fallback.domain.support import callbacks
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def arrange_callback(deps: OrderDeps, ref: str, phone: str, at: datetime, who: str, seen: int) -> Order:
    """Raises Late, Invalid, and NotAllowedNow once the personal data is erased."""
    return act(deps.ledger, ref, who, seen, lambda order: callbacks.arrange(order, phone, at, deps.clock(), who))
