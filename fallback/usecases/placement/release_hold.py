"""An agent has checked an order on hold and releases it."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.incident import lost_orders
from fallback.domain.order.grants import GrantDecision
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, HoldCode
from fallback.domain.order.lifecycle import headline, next_word_by
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, NoticeState, Order, PlacementState
from fallback.domain.order.record import record
from fallback.domain.payment import refunds, sent_back
from fallback.domain.placement import contract_withdrawal, placement
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def release_hold(deps: OrderDeps, ref: str, code: HoldCode, who: str, seen: int | None = None) -> Order:
    """The order without this hold, its attempts counted from zero and due at once; nothing changes without such a hold.

    The promise to the customer stays: they get an update by the promised time. `seen`: as in `act`; None on the command
    line, where no page was shown. Raises Late.

    After the goods were shipped, releasing means that the purchase stands: the request to cancel ends, there is new
    time to pay, and a withdrawal from the contract is for the shop. A lost order is looked for in the shop again, and
    handed over once more if it is not there. If the shop has an order that is over here, the agent has handled it, and
    the shop is not asked about it again. A failed refund is sent again. What the provider refused may be outdated, so
    the payment is read before the next call. Of a withdrawal from the contract the shop knows then.
    """

    def release(order: Order) -> Change | None:
        if not any(hold.code is code for hold in order.holds):
            return None
        now = deps.clock()
        if code is HoldCode.REFUND_ASKED:  # it is approved or declined by a person who has the right to
            raise NotAllowedNow(headline(order), "release")
        if code is HoldCode.REFUND_FAILED:
            told = structs.replace(order, next_word_by=next_word_by(order))
            return sent_back.answered(told, GrantDecision.AGAIN, now, who)
        if code is HoldCode.ALREADY_SHIPPED:
            order = contract_withdrawal.stands(order)
        order = lost_orders.let_stand(_without(order, code, now), code)
        if code is HoldCode.PRIMARY_REGRESSED:
            order = placement.forgotten(order)
        if code is HoldCode.WITHDRAWAL:
            order = contract_withdrawal.told_by_hand(order)
        if code is HoldCode.CAPTURED_LESS:
            payment = structs.replace(order.payment, settled_for=order.payment.captured)
            order = structs.replace(order, payment=payment)
        if _is_placed_now(order, code):
            order = queue_notice(order, NoticeKind.PLACED, now)
        # Nobody has compared the sum captured during the cancellation with the price.
        owed = refunds.give_difference(order, who, now)
        return Change(owed.order, (Event(now, "hold_released", who, {"code": code}), *owed.events))

    if seen is None:
        return record(deps.ledger, deps.ledger.load(ref), release)
    return act(deps.ledger, ref, who, seen, release)


def _is_placed_now(order: Order, code: HoldCode) -> bool:
    """Whether the customer can be told that the shop has it: the mail about that waited for this hold, or was dropped
    because they had cancelled."""
    mails = [notice.state for notice in order.notices if notice.kind is NoticeKind.PLACED]
    dropped = mails[-1:] == [NoticeState.DROPPED]
    waited = code is HoldCode.CAPTURED_LESS or (code is HoldCode.ALREADY_SHIPPED and dropped)
    return waited and order.placement.state is PlacementState.VERIFIED


def _without(order: Order, code: HoldCode, now: datetime) -> Order:
    ended = tuple(hold.detail for hold in order.holds if hold.code is code)
    stands = code is HoldCode.ALREADY_SHIPPED
    let_stand = ended if code is HoldCode.MISMATCH else ()
    return structs.replace(
        order,
        holds=tuple(hold for hold in order.holds if hold.code is not code),
        next_word_by=next_word_by(order),
        cancel_asked=order.cancel_asked and not stands,
        apart=order.apart + (ended if code in ASKS_ABOUT_RIVAL else ()),
        released=order.released or code is HoldCode.DUPLICATES_UNGUARDED,
        payment=structs.replace(
            order.payment,
            tries=0,
            pay_by=None if stands else order.payment.pay_by,
            due_at=now if code is HoldCode.PAYMENT_REFUSED else order.payment.due_at,
        ),
        placement=structs.replace(
            order.placement, tries=0, due_at=now, let_stand=order.placement.let_stand + let_stand
        ),
    )
