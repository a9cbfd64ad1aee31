"""An order that was sent to the primary and then given up may arrive there late: it is looked for and undone there.

A primary with tombstones is told once, and refuses the order from then on. Any other is asked at growing intervals.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.order.order import Change, Event, Order, PlacementState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.placement.matching import PrimaryOrder

# A request that no proxy, queue or stalled process has delivered by then is lost.
LOOKED_FOR = timedelta(days=2)


def given_up(order: Order, now: datetime) -> Order:
    """The order, which ends now: if it was ever sent, it is looked for in the primary."""
    if not order.placement.sent:
        return order
    return structs.replace(order, placement=structs.replace(order.placement, late_since=now, due_at=now))


def look_again(order: Order, now: datetime) -> Change | None:
    """The primary does not have it now.

    Each pause equals the whole time before it, so there are about fifteen checks.
    """
    since = order.placement.late_since
    if since is None:
        return None
    end = since + LOOKED_FOR
    if now >= end:
        return nothing_comes(order)
    due_at = min(now + max(PATIENCE, now - since), end)
    return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=due_at)), ())


def nothing_comes(order: Order) -> Change:
    """Stop looking: the primary refuses it from now on, or the time is over, or a person took care of it."""
    placement = structs.replace(order.placement, late_since=None, due_at=None)
    return Change(structs.replace(order, placement=placement), ())


def is_merged_into(order: Order, there: PrimaryOrder) -> bool:
    """An agent merged it into our own, late arrival: the customer was told that they have that order."""
    return order.placement.state is PlacementState.MERGED and order.placement.number == there.number


def undone(order: Order, number: str, for_good: bool, now: datetime) -> Change | None:
    """It had arrived late, under this number, and is now cancelled there. `for_good`: it cannot arrive again."""
    changed = nothing_comes(order) if for_good else look_again(order, now)
    return changed and Change(changed.order, (Event(now, "late_undone", "worker", {"number": number}),))


def seen_there(order: Order, number: str, now: datetime) -> Change | None:
    """The audit found it in the primary, where it must not be. None: it is looked for already."""
    if order.placement.late_since:
        return None
    placement = structs.replace(order.placement, late_since=now, due_at=now)
    event = Event(now, "late_found", "worker", {"number": number})
    return Change(structs.replace(order, placement=placement), (event,))
