"""Take back a change that the shop has not confirmed yet."""

from __future__ import annotations

from fallback.domain.order.order import Order
from fallback.domain.placement import amendments
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def take_back_change(deps: OrderDeps, ref: str, who: str, seen: int) -> Order:
    """Raises Late, and NotAllowedNow once the purchase is being cancelled."""
    return act(deps.ledger, ref, who, seen, lambda order: amendments.take_back(order, deps.clock(), who))
