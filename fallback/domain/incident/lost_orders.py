"""Orders of ours that the shop has lost, and those that are over here but present there."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.order.grants import GIVEN
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP
from fallback.domain.order.order import Change, Order, PaymentState, PlacementState
from fallback.domain.placement import late_arrivals
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder

# A person already handles the order that is over here and present there.
SEEN_TO = frozenset({HoldCode.BY_HAND, HoldCode.ALREADY_SHIPPED})


def should_be_there(order: Order) -> bool:
    """It was read back in the shop, and not given up since."""
    return order.placement.state is PlacementState.VERIFIED and not _given_back(order)


def is_known(order: Order) -> bool:
    return any(hold.code is HoldCode.PRIMARY_REGRESSED for hold in order.holds)


def lost_by_shop(order: Order, now: datetime, owner: str) -> Change | None:
    """Put on hold for a person. None: it is on hold already, or need not be there any more."""
    if is_known(order) or not should_be_there(order):
        return None
    return put_on_hold(order, HoldCode.PRIMARY_REGRESSED, now, owner, order.placement.number or "")


def is_over_here(order: Order) -> bool:
    """It must not be in the shop, unless a person said that it stays."""
    return (order.placement.state in GIVEN_UP or _given_back(order)) and not order.placement.stays


def must_not_be_there(order: Order, there: PrimaryOrder) -> bool:
    """Goods that were shipped and whose money was refunded later by hand are a return, not a mistake."""
    sent_back = there.status == SHIPPED and _given_back(order)
    return is_over_here(order) and there.status != CANCELLED and not sent_back


def still_there(order: Order, there: PrimaryOrder, now: datetime, owner: str) -> Change | None:
    """An order that was given up is undone there, like a late arrival. Why money was refunded by hand, a person knows.

    None: it is handled already.
    """
    if not must_not_be_there(order, there) or any(hold.code in SEEN_TO for hold in order.holds):
        return None
    if order.placement.state in GIVEN_UP:
        return late_arrivals.seen_there(order, there.number, now)
    return put_on_hold(order, HoldCode.BY_HAND, now, owner, f"cancel {there.number}")


def let_stand(order: Order, code: HoldCode) -> Order:
    """A person has handled the order that is over here but present there; the shop is not asked about it again."""
    asked = code is HoldCode.ALREADY_SHIPPED if order.placement.state in GIVEN_UP else code is HoldCode.BY_HAND
    if not asked or not is_over_here(order):
        return order
    return structs.replace(order, placement=structs.replace(order.placement, stays=True, late_since=None))


def _given_back(order: Order) -> bool:
    """Refunded by hand, in the payment provider's dashboard: nobody asked the shop to cancel it.

    An agent who refunds everything here, by grants, knows that the goods are gone.
    """
    verified = order.placement.state is PlacementState.VERIFIED and not order.cancel_asked
    granted = sum(grant.amount for grant in order.grants if grant.state in GIVEN)
    return verified and order.payment.state is PaymentState.REFUNDED and granted < order.payment.refunded
