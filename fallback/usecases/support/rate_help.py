"""The customer rates the help, one part at a time."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.ratings import Part
from fallback.domain.order.record import record
from fallback.usecases.deps import OrderDeps


def rate_help(deps: OrderDeps, ref: str, part: Part, good: bool) -> Order:
    """The same rating again changes nothing."""

    def rate(order: Order) -> Change | None:
        rated = structs.replace(order.rated, **{part: int(good)})
        if rated == order.rated:
            return None
        event = Event(deps.clock(), "rated", "customer", {"part": part, "good": int(good)})
        return Change(structs.replace(order, rated=rated), (event,))

    return record(deps.ledger, deps.ledger.load(ref), rate)
