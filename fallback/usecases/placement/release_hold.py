"""An agent has checked an order on hold and releases it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import datetime
from typing import NamedTuple

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
from fallback.domain.payment.moves import with_payment
from fallback.domain.placement import contract_withdrawal, placement
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class _Released(NamedTuple):
    """An order without its hold. `details`: what the hold said."""

    order: Order
    details: tuple[str, ...]
    now: datetime


def release_hold(deps: OrderDeps, ref: str, code: HoldCode, who: str, seen: int | None = None) -> Order:
    """The order without this hold, its attempts counted from zero and due at once; nothing changes without such a hold.

    The promise to the customer stays: they get an update by the promised time. `seen`: as in `act`; None on the command
    line, where no page was shown. Raises Late.

    A failed refund is sent again. What else follows, by the hold: ALSO.
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
        if code is HoldCode.ALREADY_SHIPPED:  # while it is still to be cancelled
            order = contract_withdrawal.stands(order)
        released = _without(order, code, now)
        order = ALSO[code](released) if code in ALSO else released.order
        # Nobody has compared the sum captured during the cancellation with the price.
        owed = refunds.give_difference(order, who, now)
        return Change(owed.order, (Event(now, "hold_released", who, {"code": code}), *owed.events))

    if seen is None:
        return record(deps.ledger, deps.ledger.load(ref), release)
    return act(deps.ledger, ref, who, seen, release)


def _without(order: Order, code: HoldCode, now: datetime) -> _Released:
    without = structs.replace(
        order,
        holds=tuple(hold for hold in order.holds if hold.code is not code),
        next_word_by=next_word_by(order),
        payment=structs.replace(order.payment, tries=0),
        placement=structs.replace(order.placement, tries=0, due_at=now),
    )
    return _Released(without, tuple(hold.detail for hold in order.holds if hold.code is code), now)


# --- what follows


def _is_apart(released: _Released) -> Order:
    """The similar order is a purchase of its own, and is not asked about again."""
    return structs.replace(released.order, apart=released.order.apart + released.details)


def _differs_as_it_does(released: _Released) -> Order:
    placement_ = released.order.placement
    let_stand = placement_.let_stand + released.details
    return structs.replace(released.order, placement=structs.replace(placement_, let_stand=let_stand))


def _may_be_placed(released: _Released) -> Order:
    """A person looked for it in the primary, which cannot refuse duplicates."""
    return structs.replace(released.order, released=True)


def _is_read_first(released: _Released) -> Order:
    """What the provider refused may be outdated, so the payment is read before the next call."""
    return with_payment(released.order, due_at=released.now)


def _purchase_stands(released: _Released) -> Order:
    """The goods were shipped: the request to cancel ends, and there is new time to pay.

    The mail that the shop has the order may have been dropped because the customer had cancelled.
    """
    order = structs.replace(with_payment(released.order, pay_by=None), cancel_asked=False)
    order = lost_orders.let_stand(order, HoldCode.ALREADY_SHIPPED)
    mails = [notice.state for notice in order.notices if notice.kind is NoticeKind.PLACED]
    dropped = mails[-1:] == [NoticeState.DROPPED]
    return _told_that_it_is_placed(order, released.now) if dropped else order


def _is_handled(released: _Released) -> Order:
    """If the shop has an order that is over here, the agent has handled it."""
    return lost_orders.let_stand(released.order, HoldCode.BY_HAND)


def _is_looked_for(released: _Released) -> Order:
    """The shop lost it: it is looked for there again, and handed over once more if it is not there."""
    return placement.forgotten(released.order)


def _shop_knows(released: _Released) -> Order:
    """The agent has told the shop of the withdrawal from the contract."""
    return contract_withdrawal.told_by_hand(released.order)


def _costs_what_was_captured(released: _Released) -> Order:
    order = with_payment(released.order, settled_for=released.order.payment.captured)
    return _told_that_it_is_placed(order, released.now)


def _told_that_it_is_placed(order: Order, now: datetime) -> Order:
    verified = order.placement.state is PlacementState.VERIFIED
    return queue_notice(order, NoticeKind.PLACED, now) if verified else order


ALSO: Mapping[HoldCode, Callable[[_Released], Order]] = {
    **dict.fromkeys(ASKS_ABOUT_RIVAL, _is_apart),
    HoldCode.MISMATCH: _differs_as_it_does,
    HoldCode.DUPLICATES_UNGUARDED: _may_be_placed,
    HoldCode.PAYMENT_REFUSED: _is_read_first,
    HoldCode.ALREADY_SHIPPED: _purchase_stands,
    HoldCode.BY_HAND: _is_handled,
    HoldCode.PRIMARY_REGRESSED: _is_looked_for,
    HoldCode.WITHDRAWAL: _shop_knows,
    HoldCode.CAPTURED_LESS: _costs_what_was_captured,
}
