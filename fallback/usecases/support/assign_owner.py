"""An agent takes over an order as its owner."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.lifecycle import is_over
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def assign_owner(deps: OrderDeps, ref: str, who: str, seen: int) -> Order:
    """Raises Late, and NotAllowedNow when it is over. A pending handover ends."""

    def own(order: Order) -> Change | None:
        if is_over(order):
            raise NotAllowedNow("over", "own")
        if order.owner == who and order.handover is None:
            return None
        order = structs.replace(order, owner=who, handover=None)
        return Change(order, (Event(deps.clock(), "owner_given", who, {"owner": who}),))

    return act(deps.ledger, ref, who, seen, own)
