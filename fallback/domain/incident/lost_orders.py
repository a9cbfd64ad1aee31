"""What the shop has lost of ours, and what stands there although it is over here."""

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

# Of an order that is over here: a person sees to what stands there.
SEEN_TO = frozenset({HoldCode.BY_HAND, HoldCode.ALREADY_SHIPPED})


def should_be_there(order: Order) -> bool:
    """It was read back in the shop, and not given up since."""
    return order.placement.state is PlacementState.VERIFIED and not _given_back(order)


def is_known(order: Order) -> bool:
    return any(hold.code is HoldCode.PRIMARY_REGRESSED for hold in order.holds)


def lost_by_shop(order: Order, now: datetime, owner: str) -> Change | None:
    """On hold until a person has seen to it. None: it is already, or need not be there any more."""
    if is_known(order) or not should_be_there(order):
        return None
    return put_on_hold(order, HoldCode.PRIMARY_REGRESSED, now, owner, order.placement.number or "")


def is_over_here(order: Order) -> bool:
    """Nothing of it may stand in the shop, unless a person said that it stays."""
    return (order.placement.state in GIVEN_UP or _given_back(order)) and not order.placement.stays


def must_not_be_there(order: Order, there: PrimaryOrder) -> bool:
    """Goods that left the house, and whose money was given back afterwards by hand, are a return and no mistake."""
    sent_back = there.status == SHIPPED and _given_back(order)
    return is_over_here(order) and there.status != CANCELLED and not sent_back


def still_there(order: Order, there: PrimaryOrder, now: datetime, owner: str) -> Change | None:
    """What was given up is undone there, as if it had come late. Why money was given back by hand, a person knows.

    None: it is seen to already.
    """
    if not must_not_be_there(order, there) or any(hold.code in SEEN_TO for hold in order.holds):
        return None
    if order.placement.state in GIVEN_UP:
        return late_arrivals.seen_there(order, there.number, now)
    return put_on_hold(order, HoldCode.BY_HAND, now, owner, f"cancel {there.number}")


def let_stand(order: Order, code: HoldCode) -> Order:
    """A person has seen to what stands there although it is over here, and it is asked about no more."""
    asked = code is HoldCode.ALREADY_SHIPPED if order.placement.state in GIVEN_UP else code is HoldCode.BY_HAND
    if not asked or not is_over_here(order):
        return order
    return structs.replace(order, placement=structs.replace(order.placement, stays=True, late_since=None))


def _given_back(order: Order) -> bool:
    """By hand, in the dashboard of the payment provider: nobody asked the shop to cancel it.

    Whoever gives all of it back here, by grants, knows that the goods are gone.
    """
    verified = order.placement.state is PlacementState.VERIFIED and not order.cancel_asked
    granted = sum(grant.amount for grant in order.grants if grant.state in GIVEN)
    return verified and order.payment.state is PaymentState.REFUNDED and granted < order.payment.refunded
