"""An agent found the same purchase in the shop and merges our order into it."""

from __future__ import annotations

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order
from fallback.domain.placement import placement
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def merge_order(deps: OrderDeps, ref: str, code: HoldCode, number: str, paid: bool, who: str, seen: int) -> Order:
    """`number`: the shop's. `paid`: the agent confirms that it is paid there. Raises Late, NotAllowedNow, Invalid."""
    return act(
        deps.ledger, ref, who, seen, lambda order: placement.found_there(order, code, number, paid, deps.clock(), who)
    )
