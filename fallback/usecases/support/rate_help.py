"""The customer says what helped her, one part at a time."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.ratings import Part
from fallback.domain.order.record import record


def rate_help(ref: str, part: Part, good: bool, *, ledger: Ledger, clock: Clock) -> Order:
    """Saying the same once more changes nothing."""

    def rate(order: Order) -> Change | None:
        rated = structs.replace(order.rated, **{part: int(good)})
        if rated == order.rated:
            return None
        event = Event(clock(), "rated", "customer", {"part": part, "good": int(good)})
        return Change(structs.replace(order, rated=rated), (event,))

    return record(ledger, ledger.load(ref), rate)
