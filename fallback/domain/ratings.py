"""What helped her, in three parts: one figure each, which she may change; no words."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import structs

from fallback.domain.order import Change, Event, Order


class Part(StrEnum):
    """The fields of Rated."""

    HELP = "help"
    PRODUCT = "product"
    POLICY = "policy"


def rate(order: Order, part: Part, good: bool, now: datetime) -> Change | None:
    """None: she has said so before."""
    if getattr(order.rated, part) == good:
        return None
    order = structs.replace(order, rated=structs.replace(order.rated, **{part: int(good)}))
    return Change(order, (Event(now, "rated", "customer", {"part": part, "good": int(good)}),))
