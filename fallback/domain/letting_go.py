"""Money that was set aside is so no more, while the purchase is still wanted."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import is_outgrown
from fallback.domain.notices import queue_notice
from fallback.domain.order import Change, Decline, NoticeKind, Order, PlacementState
from fallback.domain.payment_moves import move, told
from fallback.domain.transitions import PaymentEvent


def let_go(order: Order, now: datetime) -> Change:
    """It lapsed; or we have let it go, because the order costs more since it was changed, or nothing any more."""
    code, what, outgrown = "authorization_expired", "authorization_lapsed", 0
    if is_outgrown(order):
        code, what, outgrown = "amount_raised", "released", order.payment.authorized
    free = order.payment.amount == 0
    order = move(
        in_time(order),
        PaymentEvent.LAPSED,
        attempt=None,
        token=None,
        intent=None,
        asked_at=None,
        round=order.payment.round + 1,
        authorized=0,
        capture_before=None,
        due_at=None,
        decline=None if free else Decline(code, "customer"),
        next_action_url=None,
        outgrown=outgrown,
    )
    if not free:
        order = queue_notice(order, NoticeKind.PAYMENT_NEEDED, now)
    elif order.placement.state is PlacementState.VERIFIED:  # else the customer hears of it once it is
        order = queue_notice(order, NoticeKind.PLACED, now)
    return told(order, now, what, "stripe")


def in_time(order: Order) -> Order:
    """The order without the hold for a deadline that is over, one way or the other."""
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.PAYMENT_EXPIRING)
    return structs.replace(order, holds=holds)
