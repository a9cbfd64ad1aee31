"""A person looked at an order on hold and lets it go on."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.incident import lost_orders
from fallback.domain.order.grants import GrantDecision
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, HoldCode
from fallback.domain.order.lifecycle import headline, next_word_by
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order, PlacementState
from fallback.domain.order.record import record
from fallback.domain.payment import refunds, sent_back
from fallback.domain.placement import placement
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def release_hold(deps: OrderDeps, ref: str, code: HoldCode, who: str, seen: int | None = None) -> Order:
    """The order without this hold, its tries counted anew and due at once; nothing changes if it has no such hold.

    What she was promised stays so: she hears by then, or sooner by what happens now. `seen`: as in `act`, None at the
    command line, where no page was shown. Raises Late.

    Once the goods have left, letting it go on means that the purchase stands: the wish to cancel is over, and there is
    time to pay anew. What the shop has lost is asked for there anew, and handed over once more if it is not there. What
    it has although it is over here, the person has seen to, and the shop is asked about it no more. Money that came
    back is sent again.
    """

    def release(order: Order) -> Change | None:
        if not any(hold.code is code for hold in order.holds):
            return None
        now = deps.clock()
        if code is HoldCode.REFUND_ASKED:  # it is agreed to or declined, by somebody who may
            raise NotAllowedNow(headline(order), "release")
        if code is HoldCode.REFUND_FAILED:
            told = structs.replace(order, next_word_by=next_word_by(order))
            return sent_back.answered(told, GrantDecision.AGAIN, now, who)
        order = lost_orders.let_stand(_without(order, code, now), code)
        if code is HoldCode.PRIMARY_REGRESSED:
            order = placement.forgotten(order)
        if code is HoldCode.CAPTURED_LESS:
            payment = structs.replace(order.payment, settled_for=order.payment.captured)
            order = structs.replace(order, payment=payment)
        if code is HoldCode.CAPTURED_LESS and order.placement.state is PlacementState.VERIFIED:
            order = queue_notice(order, NoticeKind.PLACED, now)
        # What was taken while it was being undone, nobody has compared with what it costs.
        owed = refunds.give_difference(order, who, now)
        return Change(owed.order, (Event(now, "hold_released", who, {"code": code}), *owed.events))

    if seen is None:
        return record(deps.ledger, deps.ledger.load(ref), release)
    return act(deps.ledger, ref, who, seen, release)


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
        payment=structs.replace(order.payment, tries=0, pay_by=None if stands else order.payment.pay_by),
        placement=structs.replace(
            order.placement, tries=0, due_at=now, let_stand=order.placement.let_stand + let_stand
        ),
    )
