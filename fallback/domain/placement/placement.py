"""Transitions of an order's placement in the primary. Each function returns the change to commit."""

from __future__ import annotations

import re
from datetime import datetime
from typing import Any

from msgspec import structs

from fallback.domain import retries
from fallback.domain.card_numbers import looks_like_card_number
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import BOUGHT_THERE, HoldCode
from fallback.domain.order.lifecycle import AMENDABLE, headline, is_free
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import (
    Attempt,
    Call,
    Change,
    Event,
    NoticeKind,
    Order,
    PaymentState,
    PlacementState,
    Queue,
)
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.transitions import PlacementEvent, after_placement
from fallback.domain.payment.payment import voided
from fallback.domain.placement import late_arrivals, payment_reports
from fallback.domain.placement.matching import PrimaryOrder, differences, honoured
from fallback.domain.placement.primary import NOT_FOUND

# The reasons for a refusal that the contract names, and the hold that each causes.
REFUSALS = {
    "out_of_stock": HoldCode.OUT_OF_STOCK,
    "price_changed": HoldCode.PRICE_CHANGED,
    "already_shipped": HoldCode.ALREADY_SHIPPED,
    NOT_FOUND: HoldCode.PRIMARY_REGRESSED,
}
# An order that the shop has lost is placed there again only while it is paid for.
PAID = frozenset({PaymentState.AUTHORIZED, PaymentState.CAPTURED})
# Order numbers of shops; nothing that says anything about a person.
NUMBER = r"[A-Za-z0-9][A-Za-z0-9/._-]{0,39}"


def begin_placing(order: Order, now: datetime, owner: str, hears_of_payments: bool = False) -> Change:
    """Record that we are about to create it in the primary; on hold after too many attempts without an outcome."""
    if retries.is_poison(order.placement.tries):
        return put_on_hold(order, HoldCode.POISON, now, owner, Queue.PLACEMENT)
    attempt = Attempt(Call.PLACE, order.ref, now)
    order = payment_reports.expected(order) if hears_of_payments else order
    return Change(_move(order, PlacementEvent.BEGUN, attempt=attempt, tries=order.placement.tries + 1), ())


def placed(order: Order, there: PrimaryOrder, now: datetime) -> Change:
    """The primary has it; whether it matches is known only after it is read back."""
    order = _move(order, PlacementEvent.PLACED, attempt=None, tries=0, id=there.id, number=there.number, due_at=now)
    return Change(order, (Event(now, "placed", "primary", {"number": there.number}),))


def turned_away(order: Order, until: datetime) -> Change:
    """The primary cannot take it now, through no fault of the order."""
    return Change(_move(order, PlacementEvent.NOT_THERE, attempt=None, tries=0, due_at=until), ())


def turned_away_for_rival(order: Order, now: datetime) -> Change:
    """The primary has another order for the cart and did not take ours; which one gives way is decided next."""
    return Change(_move(order, PlacementEvent.NOT_THERE, attempt=None, due_at=now), ())


def not_there(order: Order, now: datetime) -> Change:
    """The primary does not have what was sent. An agent's approval to send it was good for one attempt.

    Before the attempt's time is over that proves nothing, as it may still arrive: the primary is asked again, each time
    after twice as long.
    """
    attempt = order.placement.attempt
    if attempt and now < attempt.began_at + PATIENCE:
        again = min(now + (now - attempt.began_at), attempt.began_at + PATIENCE)
        return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=again)), ())
    order = structs.replace(order, released=False)
    return Change(_move(order, PlacementEvent.NOT_THERE, attempt=None, due_at=now), ())


def lost(order: Order, until: datetime, now: datetime, tries: int | None = None) -> Change:
    """The order was sent and the response was lost: the primary may have it, or may still be processing it.

    So the attempt stays: until its time is over the primary's 'not there' is not believed (`not_there`).
    `tries`: attempts without an outcome, if this one does not count as another.
    """
    tries = order.placement.tries if tries is None else tries
    order = _move(order, PlacementEvent.LOST, due_at=until, tries=tries)
    return Change(order, (Event(now, "placement_unknown", "worker"),))


def forgotten(order: Order) -> Order:
    """The primary had the order and may have lost it: ask again, and place it again if it is not there.

    A pending call ends first: the capture, or a change, since only what was agreed before it could be placed.
    """
    under_way = order.amendment or order.payment.attempt
    paid = order.payment.state in PAID or is_free(order)
    if under_way or order.placement.state not in AMENDABLE or not paid:
        return order
    return _move(order, PlacementEvent.FORGOTTEN, attempt=None)


def put_off(order: Order, until: datetime, now: datetime) -> Change:
    """A question to the primary was not answered: an open attempt stays unknown, and is asked again at `until`."""
    if order.placement.state is PlacementState.PLACING:
        return lost(order, until, now)
    return Change(structs.replace(order, placement=structs.replace(order.placement, due_at=until)), ())


def refused(order: Order, code: str, detail: str, now: datetime, owner: str) -> Change:
    """The primary refuses the request for good: a person decides with the customer.

    `code` is the primary's code for the reason.
    """
    hold = REFUSALS.get(code, HoldCode.PRIMARY_REFUSED)
    return put_on_hold(order, hold, now, owner, detail if code in REFUSALS else f"{code}: {detail}")


def not_taken(order: Order, code: str, detail: str, now: datetime, owner: str) -> Change:
    """The primary does not accept the order as it is."""
    return refused(_move(order, PlacementEvent.NOT_THERE, attempt=None, tries=0), code, detail, now, owner)


def read_back(order: Order, there: PrimaryOrder, now: datetime, owner: str) -> Change | None:
    """Verified if the primary reads back exactly what was agreed, else on hold. None: nothing has changed."""
    different = differences(order, there)
    if different:
        order = structs.replace(order, placement=structs.replace(order.placement, read_again_at=None))
        return put_on_hold(order, HoldCode.MISMATCH, now, owner, "; ".join(different))
    if order.placement.state is PlacementState.VERIFIED:
        return _read_again(order, now)
    order = _move(order, PlacementEvent.VERIFIED, due_at=None, honoured=honoured(there))
    events = [Event(now, "verified", "primary")]
    if order.placement.honoured:
        events.append(Event(now, "prices_honoured", "primary", {"amount": order.placement.honoured}))
    if _is_settled(order):
        order = queue_notice(order, NoticeKind.PLACED, now)
    return Change(order, tuple(events))


def _read_again(order: Order, now: datetime) -> Change | None:
    """An older change may arrive late: read the order once more after that time."""
    at = order.placement.read_again_at
    if at is None or not _is_settled(order):
        return None
    left = {"due_at": at} if now < at else {"due_at": None, "read_again_at": None}
    return Change(structs.replace(order, placement=structs.replace(order.placement, **left)), ())


def _is_settled(order: Order) -> bool:
    """Captured before, by hand, or nothing to capture. Otherwise the capture notifies the customer."""
    return order.payment.state is PaymentState.CAPTURED or is_free(order)


def merged(order: Order, rival: PrimaryOrder, now: datetime) -> Change:
    """The primary already has this purchase: our order gives way, and its payment is released."""
    order = _move(order, PlacementEvent.MERGED, attempt=None, due_at=None, id=rival.id, number=rival.number)
    return _ended(order, Event(now, "merged", "worker", {"number": rival.number}), now)


def found_there(order: Order, code: HoldCode, number: str, paid: bool, now: datetime, who: str) -> Change:
    """An agent found the purchase in the shop under this number: our order gives way, as to a rival that we find.

    `paid`: the agent states that it is paid there, or ships without payment; an unpaid order is no purchase. Raises
    NotAllowedNow if the order does not wait for this, and Invalid for what cannot be a number or is not paid.
    """
    if not may_be_there(order, code):
        raise NotAllowedNow(headline(order), "merge")
    number = number.strip().lstrip("#")
    if not re.fullmatch(NUMBER, number) or looks_like_card_number(number):
        raise Invalid("number", "number", "This is not an order number.")
    if not paid:
        raise Invalid("paid", "not_paid", "An unpaid order is not shipped.")
    order = _move(order, PlacementEvent.MERGED, attempt=None, due_at=None, number=number)
    return _ended(order, Event(now, "merged", who, {"number": number}), now)


def may_be_there(order: Order, code: HoldCode) -> bool:
    """Whether the order waits for that, and the shop does not have ours."""
    held = order.placement.state is PlacementState.WAITING and not order.cancel_asked
    return held and code in BOUGHT_THERE and any(hold.code is code for hold in order.holds)


def ask_to_cancel(order: Order, now: datetime, who: str) -> Change | None:
    """Cancel the purchase: at once while only we have it, else after the primary has cancelled it too.

    None: it is cancelled.

    Raises NotAllowedNow if our order gave way to one of the shop: only the shop can cancel that.
    """
    if order.cancel_asked or order.placement.state is PlacementState.CANCELLED:
        return None
    if order.placement.state is PlacementState.MERGED:
        raise NotAllowedNow(headline(order), "cancel")
    asked = Event(now, "cancel_asked", who)
    # The change that an agent was to make in the shop is not wanted any more.
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.BY_HAND)
    order = structs.replace(order, cancel_asked=True, holds=holds)
    if order.placement.state is PlacementState.WAITING:
        ended = cancelled(order, now)
        return Change(ended.order, (asked, *ended.events))
    if order.placement.state is not PlacementState.UNKNOWN:  # which is asked for soon
        order = structs.replace(order, placement=structs.replace(order.placement, due_at=now))
    return Change(order, (asked,))


def cancelled(order: Order, now: datetime, for_good: bool = False) -> Change:
    """The primary does not have it (any more), so it need not hear of a withdrawal; the payment is released next.

    `for_good`: it cannot arrive again.
    """
    order = _move(order, PlacementEvent.CANCELLED, attempt=None, due_at=None)
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.WITHDRAWAL)
    return _ended(structs.replace(order, holds=holds), Event(now, "cancelled", "worker"), now, for_good)


def _ended(order: Order, event: Event, now: datetime, for_good: bool = False) -> Change:
    """Lift the holds that stopped the purchase, and drop a payment that never began at the provider.

    The customer's questions and failed refunds stay open.
    """
    order = structs.replace(order if for_good else late_arrivals.given_up(order, now), amendment=None)
    # News of a captured payment is still to be read.
    due_at = order.payment.due_at if order.payment.captured else now
    payment = structs.replace(order.payment, due_at=due_at, tries=0)
    stays = (hold for hold in order.holds if not hold.stops or hold.code is HoldCode.REFUND_FAILED)
    left = tuple(hold for hold in stays if hold.code is not HoldCode.REFUND_ASKED)
    order = structs.replace(order, holds=left, payment=payment)
    if payment.intent or payment.attempt or payment.state is PaymentState.UNKNOWN:
        return Change(order, (event,))
    over = voided(order, now)
    return Change(over.order, (event, *over.events))


def _move(order: Order, event: PlacementEvent, **changes: Any) -> Order:
    before = order.placement
    state = after_placement(before.state, event)
    sent = before.sent or before.state is not PlacementState.WAITING or state is PlacementState.PLACING
    return structs.replace(order, placement=structs.replace(before, state=state, sent=sent, **changes))
