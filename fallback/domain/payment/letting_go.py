"""An authorization, or a pending payment, is gone while the purchase is still wanted."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.concern import ConcernState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import is_only_ours
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Decline, NoticeKind, Order, PlacementState
from fallback.domain.order.transitions import PaymentEvent
from fallback.domain.payment.moves import move, told

# The shop may ship an order that it has on any day: the customer is asked once, then the order is withdrawn there
# (domain/placement/unpaid.py).
PAY_AGAIN_WITHIN = timedelta(hours=24)
WHILE_SET_ASIDE = frozenset({HoldCode.PAYMENT_EXPIRING, HoldCode.PAYMENT_DOUBTED})


def let_go(order: Order, now: datetime, *, lapsed: bool) -> Change:
    """`lapsed`: the authorization expired. Else the merchant voided it, or we did, for a changed sum."""
    before, free = order.payment, order.payment.amount == 0
    # In any state: the response to our own void may have been lost.
    outgrown = before.authorized > 0 and (free or before.authorized < before.amount)
    if outgrown:
        what, code = "released", "amount_raised"
    elif not before.authorized:  # it waited for its card or its bank
        what, code = "payment_cancelled", ""
    elif lapsed:
        what, code = "authorization_lapsed", "authorization_expired"
    else:
        what, code = "authorization_cancelled", "authorization_cancelled"
    order = move(
        decided(_without_concerns(order)),
        PaymentEvent.LAPSED,
        attempt=None,
        token=None,
        intent=None,
        asked_at=None,
        round=before.round + 1,
        authorized=0,
        capture_before=None,
        due_at=None,
        decline=Decline(code, "customer") if code and not free else None,
        next_action_url=None,
        outgrown=before.authorized if outgrown else 0,
        pay_by=None if free or is_only_ours(order) else now + PAY_AGAIN_WITHIN,
    )
    if not free:
        order = queue_notice(order, NoticeKind.PAYMENT_NEEDED, now)
    # Otherwise the customer is notified once the order is in the shop, or was notified already.
    elif order.placement.state is PlacementState.VERIFIED and not _was_told(order):
        order = queue_notice(order, NoticeKind.PLACED, now)
    return told(order, now, what, PROVIDER)


def decided(order: Order) -> Order:
    """The order without the holds that depend on its authorization, which was captured or is gone."""
    return structs.replace(order, holds=tuple(hold for hold in order.holds if hold.code not in WHILE_SET_ASIDE))


def _without_concerns(order: Order) -> Order:
    """Each concern was about the payment that is gone; the next payment has its own."""
    cleared = (structs.replace(each, state=ConcernState.CLEARED) for each in order.concerns)
    return structs.replace(order, concerns=tuple(cleared))


def _was_told(order: Order) -> bool:
    return any(notice.kind is NoticeKind.PLACED for notice in order.notices)
