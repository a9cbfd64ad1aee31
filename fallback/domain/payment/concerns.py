"""Disputes, reviews and fraud warnings: recorded in the timeline; before the capture they put the order on hold."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.concern import Concern, ConcernKind, ConcernState
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, GONE
from fallback.domain.order.order import Change, Event, Order, PaymentState
from fallback.domain.payment import refunds
from fallback.domain.payment.moves import with_payment


def heard(order: Order, concern: Concern, intent_id: str, now: datetime, owner: str) -> Change | None:
    """`intent_id`: the intent that the concern is about.

    None: it is known already. News arrives late and twice, so a decided concern never opens again.
    """
    before = next((each for each in order.concerns if each.id == concern.id), None)
    if before and (concern.is_open or not before.is_open):
        return None
    rest = tuple(each for each in order.concerns if each.id != concern.id)
    since = before.since if before else concern.since
    state = ConcernState.CLEARED if _is_over(order, concern, intent_id) else concern.state
    order = structs.replace(order, concerns=(*rest, structs.replace(concern, since=since, state=state)))
    said: dict[str, str | int] = {"reason": concern.reason} | ({"amount": concern.amount} if concern.amount else {})
    event = Event(now, f"{concern.kind}_{concern.state}", PROVIDER, said)
    if state is ConcernState.OPEN and _may_still_wait(order):
        held = put_on_hold(order, HoldCode.PAYMENT_DOUBTED, now, owner, concern.kind)
        return Change(held.order, (event, *held.events))
    if state is ConcernState.UPHELD and order.payment.state is PaymentState.AUTHORIZED:
        order = with_payment(order, due_at=now)  # the decision may have cancelled the payment too
    decided = concern.kind is ConcernKind.DISPUTE and not concern.is_open
    if decided and order.payment.state is PaymentState.CAPTURED:
        order = refunds.after_dispute(order, now)
    return Change(_gone_on(order, now), (event,))


def _is_over(order: Order, concern: Concern, intent_id: str) -> bool:
    """It arrived after its payment was gone. A dispute may still take money then."""
    payment = order.payment
    gone = payment.intent != intent_id or payment.state in GONE
    return gone and concern.kind is not ConcernKind.DISPUTE


def _may_still_wait(order: Order) -> bool:
    """Neither goods nor money have changed hands."""
    wanted = not order.cancel_asked and order.placement.state not in GIVEN_UP
    return wanted and not order.payment.captured


def _gone_on(order: Order, now: datetime) -> Order:
    """Lift the hold once every concern is cleared; after an upheld one, a person decides."""
    if any(each.state is not ConcernState.CLEARED for each in order.concerns):
        return order
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.PAYMENT_DOUBTED)
    if holds == order.holds:
        return order
    return structs.replace(order, holds=holds, placement=structs.replace(order.placement, due_at=now))


def open_ones(order: Order) -> tuple[Concern, ...]:
    return tuple(concern for concern in order.concerns if concern.is_open)
