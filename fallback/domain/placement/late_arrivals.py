"""What was sent to the primary and given up may come there late: it is looked for, and undone there.

A primary with tombstones is told once, and refuses the order from then on. Any other is asked ever more seldom.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.order.lifecycle import PATIENCE
from fallback.domain.order.order import Change, Event, Order, PlacementState
from fallback.domain.placement.matching import PrimaryOrder

# What a proxy, a queue or a process that stood still has not let go by then, it has lost.
LOOKED_FOR = timedelta(days=2)


def given_up(order: Order, now: datetime) -> Order:
    """The order, which ends now: what was ever sent of it is looked for."""
    if not order.placement.sent:
        return order
    return structs.replace(order, placement=structs.replace(order.placement, late_since=now, due_at=now))


def look_again(order: Order, now: datetime) -> Change | None:
    """It is not there now. Each pause is as long as all the time before, so there are some fifteen looks in all."""
    since = order.placement.late_since
    if since is None:
        return None
    end = since + LOOKED_FOR
    if now >= end:
        return nothing_comes(order)
    due_at = min(now + max(PATIENCE, now - since), end)
    return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=due_at)), ())


def nothing_comes(order: Order) -> Change:
    """The primary refuses it from now on, or it had its time, or a person has seen to it."""
    placement = structs.replace(order.placement, late_since=None, due_at=None)
    return Change(structs.replace(order, placement=placement), ())


def is_merged_into(order: Order, there: PrimaryOrder) -> bool:
    """A person took our own order, that had come late, for another: the customer was told that they have this one."""
    return order.placement.state is PlacementState.MERGED and order.placement.number == there.number


def undone(order: Order, number: str, for_good: bool, now: datetime) -> Change | None:
    """It had come there late, under this number, and is cancelled there now. `for_good`: it cannot come again."""
    changed = nothing_comes(order) if for_good else look_again(order, now)
    return changed and Change(changed.order, (Event(now, "late_undone", "worker", {"number": number}),))


def seen_there(order: Order, number: str, now: datetime) -> Change | None:
    """The audit found in the primary what must not be there. None: it is looked for anyway."""
    if order.placement.late_since:
        return None
    placement = structs.replace(order.placement, late_since=now, due_at=now)
    event = Event(now, "late_found", "worker", {"number": number})
    return Change(structs.replace(order, placement=placement), (event,))
