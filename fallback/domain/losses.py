"""Orders that the shop had and has no more."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.holding import put_on_hold
from fallback.domain.holds import HoldCode
from fallback.domain.order import Change, Order, PlacementState


def should_be_there(order: Order) -> bool:
    """It was read back in the shop, and not given up since."""
    return order.placement.state is PlacementState.VERIFIED


def is_known(order: Order) -> bool:
    return any(hold.code is HoldCode.PRIMARY_REGRESSED for hold in order.holds)


def lost_by_shop(order: Order, now: datetime, owner: str) -> Change | None:
    """On hold until a person has seen to it. None: it is already, or need not be there any more."""
    if is_known(order) or not should_be_there(order):
        return None
    return put_on_hold(order, HoldCode.PRIMARY_REGRESSED, now, owner, order.placement.number or "")
