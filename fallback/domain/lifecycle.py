"""The two state machines of an order as tables, and what is derived from both in this one place.

An event that a table does not name raises NotAllowedNow. Late and repeated news are normal (webhooks come twice and out
of order): they only make a shift look at the intent itself, and what it finds may leave the state as it was.
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from fallback.domain import grants
from fallback.domain.errors import NotAllowedNow
from fallback.domain.holds import Hold, HoldCode
from fallback.domain.order import NoticeState, Order, PaymentState, PlacementState, Queue

P = PaymentState
S = PlacementState


class PaymentEvent(StrEnum):
    CARD_GIVEN = "card_given"
    AUTHORIZED = "authorized"
    BANK_ASKS = "bank_asks"
    DECLINED = "declined"
    LOST = "outcome_lost"
    NOT_TAKEN = "not_taken"
    CAPTURED = "captured"
    VOIDED = "voided"
    REFUNDED = "refunded"
    LAPSED = "authorization_lapsed"


class PlacementEvent(StrEnum):
    BEGUN = "begun"
    LOST = "outcome_lost"
    NOT_THERE = "not_there"
    PLACED = "placed"
    VERIFIED = "verified"
    MERGED = "merged"
    CANCELLED = "cancelled"


PAYMENT: dict[tuple[PaymentState, PaymentEvent], PaymentState] = {
    (P.NONE, PaymentEvent.CARD_GIVEN): P.PENDING,
    (P.NONE, PaymentEvent.VOIDED): P.VOIDED,
    (P.PENDING, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.PENDING, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.PENDING, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.PENDING, PaymentEvent.LOST): P.UNKNOWN,
    (P.PENDING, PaymentEvent.NOT_TAKEN): P.PENDING,
    (P.PENDING, PaymentEvent.VOIDED): P.VOIDED,
    (P.PENDING, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.CARD_GIVEN): P.PENDING,
    (P.ACTION_REQUIRED, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.ACTION_REQUIRED, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.ACTION_REQUIRED, PaymentEvent.VOIDED): P.VOIDED,
    (P.ACTION_REQUIRED, PaymentEvent.LOST): P.UNKNOWN,
    (P.ACTION_REQUIRED, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.UNKNOWN, PaymentEvent.BANK_ASKS): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.DECLINED): P.ACTION_REQUIRED,
    (P.UNKNOWN, PaymentEvent.LOST): P.UNKNOWN,
    (P.UNKNOWN, PaymentEvent.NOT_TAKEN): P.PENDING,
    (P.UNKNOWN, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.UNKNOWN, PaymentEvent.VOIDED): P.VOIDED,
    (P.UNKNOWN, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.AUTHORIZED, PaymentEvent.AUTHORIZED): P.AUTHORIZED,
    (P.AUTHORIZED, PaymentEvent.LOST): P.UNKNOWN,
    (P.AUTHORIZED, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.AUTHORIZED, PaymentEvent.VOIDED): P.VOIDED,
    (P.AUTHORIZED, PaymentEvent.LAPSED): P.ACTION_REQUIRED,
    (P.CAPTURED, PaymentEvent.CAPTURED): P.CAPTURED,
    (P.CAPTURED, PaymentEvent.LOST): P.UNKNOWN,
    (P.CAPTURED, PaymentEvent.REFUNDED): P.REFUNDED,
}

PLACEMENT: dict[tuple[PlacementState, PlacementEvent], PlacementState] = {
    (S.HELD, PlacementEvent.BEGUN): S.PLACING,
    (S.HELD, PlacementEvent.PLACED): S.PLACED,
    (S.HELD, PlacementEvent.MERGED): S.MERGED,
    (S.HELD, PlacementEvent.CANCELLED): S.CANCELLED,
    (S.PLACING, PlacementEvent.LOST): S.UNKNOWN,
    (S.PLACING, PlacementEvent.NOT_THERE): S.HELD,
    (S.PLACING, PlacementEvent.PLACED): S.PLACED,
    (S.PLACING, PlacementEvent.MERGED): S.MERGED,
    (S.UNKNOWN, PlacementEvent.NOT_THERE): S.HELD,
    (S.UNKNOWN, PlacementEvent.PLACED): S.PLACED,
    (S.PLACED, PlacementEvent.VERIFIED): S.VERIFIED,
    (S.PLACED, PlacementEvent.CANCELLED): S.CANCELLED,
    (S.VERIFIED, PlacementEvent.CANCELLED): S.CANCELLED,
}

GIVEN_UP = frozenset({S.MERGED, S.CANCELLED})
RELEASED = frozenset({P.VOIDED, P.REFUNDED})
# The primary has it, and nothing about that is under way.
AMENDABLE = frozenset({S.PLACED, S.VERIFIED})


def after_payment(state: PaymentState, event: PaymentEvent) -> PaymentState:
    try:
        return PAYMENT[state, event]
    except KeyError:
        raise NotAllowedNow(state, event) from None


def after_placement(state: PlacementState, event: PlacementEvent) -> PlacementState:
    try:
        return PLACEMENT[state, event]
    except KeyError:
        raise NotAllowedNow(state, event) from None


class Headline(StrEnum):
    """What people see of an order, and the index that lists and counts go by."""

    RECEIVED = "received"
    PAYMENT_NEEDED = "payment_needed"
    CHECKING = "checking"
    WAITING = "waiting"
    PLACING = "placing"
    ON_HOLD = "on_hold"
    UNDOING = "undoing"
    SETTLED = "settled"
    MERGED = "merged"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"


ENDED = frozenset({Headline.SETTLED, Headline.MERGED, Headline.CANCELLED, Headline.REFUNDED})


def headline(order: Order) -> Headline:
    payment, placement = order.payment.state, order.placement.state
    if placement in GIVEN_UP and payment is P.VOIDED:
        return Headline.MERGED if placement is S.MERGED else Headline.CANCELLED
    if placement in GIVEN_UP and payment is P.REFUNDED:
        return Headline.REFUNDED
    if order.holds:
        return Headline.ON_HOLD
    if placement in GIVEN_UP or order.cancel_asked:
        return Headline.UNDOING
    if payment is P.REFUNDED:  # by hand, in Stripe's dashboard
        return Headline.REFUNDED
    if payment is P.UNKNOWN or placement is S.UNKNOWN:
        return Headline.CHECKING
    if placement is S.VERIFIED and payment is P.CAPTURED and not order.amendment:
        return Headline.SETTLED
    if needs_customer(order):
        return Headline.PAYMENT_NEEDED
    if placement is not S.HELD:
        return Headline.PLACING
    return Headline.RECEIVED if payment is P.PENDING else Headline.WAITING


def needs_customer(order: Order) -> bool:
    """The payment waits for a card or for the customer's word to her bank, and she still wants the purchase."""
    wanted = not order.cancel_asked and order.placement.state not in GIVEN_UP
    return wanted and order.payment.state in (P.NONE, P.ACTION_REQUIRED)


class Step(StrEnum):
    """What a shift does next with an order: one use case each."""

    AUTHORIZE = "authorize"
    FOLLOW = "follow"
    RELEASE = "release"
    REFUND = "refund"
    RECONCILE = "reconcile"
    WITHDRAW = "withdraw"
    AMEND = "amend"
    NOTIFY = "notify"


# Longer than the longest total deadline of a call: whoever began an attempt has its answer, or is dead, by then.
PATIENCE = timedelta(seconds=30)


def step_due(order: Order, queue: Queue, now: datetime) -> Step | None:
    """The step that a shift makes now. None while its time has not come: somebody else may be inside a call."""
    at = due_times(order).get(queue)
    return next_step(order, queue) if at and at <= now else None


def next_step(order: Order, queue: Queue) -> Step | None:
    if queue is Queue.PAYMENT:
        return _payment_step(order)
    if queue is Queue.PLACEMENT:
        return _placement_step(order)
    return Step.NOTIFY if any(notice.state in OPEN_NOTICE for notice in order.notices) else None


OPEN_NOTICE = frozenset({NoticeState.QUEUED, NoticeState.HANDING_OVER})


def _payment_step(order: Order) -> Step | None:
    payment = order.payment
    if any(_stops_payment(hold) for hold in order.holds):
        return None
    # Before anything else is done, what became of the last attempt is asked. The others look because they were told
    # to: the customer came back from her bank, a webhook said that something changed, a deadline is near.
    told_to_look = payment.due_at is not None and payment.state in (P.ACTION_REQUIRED, P.AUTHORIZED, P.CAPTURED)
    given_up = order.placement.state in GIVEN_UP
    told_to_look = told_to_look and not is_outgrown(order)
    if payment.attempt or payment.state is P.UNKNOWN or (told_to_look and not given_up):
        return Step.FOLLOW
    if given_up:
        return None if payment.state in RELEASED else Step.RELEASE
    if is_outgrown(order):
        return Step.RELEASE
    if order.cancel_asked:  # then all of it is released in the end
        return None
    if payment.state is P.CAPTURED and grants.to_make(order.grants):
        return Step.REFUND
    return Step.AUTHORIZE if payment.state is P.PENDING else None


def is_outgrown(order: Order) -> bool:
    """It costs more than is set aside, since it was changed: that is let go, and she is asked for the new sum."""
    return order.payment.state is P.AUTHORIZED and order.payment.authorized < order.payment.amount


def _stops_payment(hold: Hold) -> bool:
    return hold.code is HoldCode.PAYMENT_REFUSED or (hold.code is HoldCode.POISON and hold.detail == Queue.PAYMENT)


def _placement_step(order: Order) -> Step | None:
    if order.placement.state in GIVEN_UP or any(_stops_placement(hold, order) for hold in order.holds):
        return None
    if order.cancel_asked:
        return Step.WITHDRAW
    if order.placement.state in (S.PLACING, S.UNKNOWN):  # what became of it is asked, whatever the payment does
        return Step.RECONCILE
    if order.payment.attempt:
        return None
    # Before the capture, which takes the sum that is agreed then.
    if order.amendment and order.payment.state not in (P.PENDING, P.UNKNOWN):
        return Step.AMEND
    # Money that was captured by hand, in Stripe's dashboard, has bought the goods too.
    left = order.payment.state is P.CAPTURED and order.placement.state is not S.VERIFIED
    ready = order.payment.state is P.AUTHORIZED and not is_outgrown(order)
    return Step.RECONCILE if left or ready else None


def _stops_placement(hold: Hold, order: Order) -> bool:
    if order.cancel_asked:  # a withdrawal answers most questions; what it cannot do itself still waits for a person
        return hold.code in (HoldCode.ALREADY_SHIPPED, HoldCode.PRIMARY_REFUSED, HoldCode.POISON)
    return hold.code is not HoldCode.PAYMENT_EXPIRING  # which placing and capturing it mends


def due_times(order: Order) -> dict[Queue, datetime]:
    """When each queue shall look at the order next; the ledger keeps its due sets by this and by nothing else."""
    due: dict[Queue, datetime] = {}
    for queue, part in ((Queue.PAYMENT, order.payment), (Queue.PLACEMENT, order.placement)):
        if next_step(order, queue):
            began = part.attempt and part.attempt.began_at + PATIENCE
            due[queue] = began or part.due_at or order.received_at
    open_notices = [notice.due_at for notice in order.notices if notice.state in OPEN_NOTICE]
    if open_notices:
        due[Queue.NOTICE] = min(open_notices)
    return due


def holds_cart(order: Order) -> bool:
    """Whether the order stands for its purchase; an order that was undone leaves the cart free to be bought again."""
    return headline(order) not in (Headline.CANCELLED, Headline.REFUNDED)
