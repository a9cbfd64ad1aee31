"""The checkout itself puts an order on hold, where a person has to decide. Agents do not: they hand an order over."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.order.order import Change, Event, Order


def put_on_hold(order: Order, code: HoldCode, now: datetime, owner: str, detail: str = "") -> Change:
    """Add a hold, unless the order has one with this code. `owner`: the desk that decides."""
    if any(hold.code is code for hold in order.holds):
        return Change(order, ())
    order = structs.replace(order, holds=(*order.holds, new_hold(code, owner, now, detail)))
    return Change(order, (Event(now, "on_hold", "worker", {"code": code, "detail": detail}),))
