"""What is due for an order, and the next step of a shift: derived from its states, only here."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fallback.domain.order import grants
from fallback.domain.order.holds import Hold, HoldCode
from fallback.domain.order.lifecycle import AMENDABLE, GIVEN_UP, GONE, OPEN_NOTICE, is_free, is_outgrown, word_due
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.reporting import report_due

P, S = PaymentState, PlacementState


class Step(StrEnum):
    """The next step of a shift for an order: one use case each."""

    AUTHORIZE = "authorize"
    FOLLOW = "follow"
    VOID = "release"
    REFUND = "refund"
    RECONCILE = "reconcile"
    WITHDRAW = "withdraw"
    UNDO_LATE = "undo_late"
    AMEND = "amend"
    REPORT = "report"
    NOTIFY = "notify"
    KEEP_PROMISE = "keep_promise"


def step_due(order: Order, queue: Queue, now: datetime) -> Step | None:
    """The step that is due now. None while it is not: another process may be inside a call."""
    at = due_times(order).get(queue)
    return next_step(order, queue) if at and at <= now else None


def next_step(order: Order, queue: Queue) -> Step | None:
    if queue is Queue.PAYMENT:
        return _payment_step(order)
    if queue is Queue.PLACEMENT:
        return _placement_step(order)
    return _notice_step(order)


def _payment_step(order: Order) -> Step | None:
    payment = order.payment
    if any(_stops_payment(hold) for hold in order.holds):
        return None
    # The outcome of the last attempt is read before all else; in other states the payment is read for a reason: the
    # customer came back from the bank, a webhook reported a change, or a deadline is near. What is left of a captured
    # payment may be less than we know, so a reason to read it comes before its refund.
    is_asked = payment.state in (P.ACTION_REQUIRED, P.AUTHORIZED, P.CAPTURED, P.REFUNDED) and payment.due_at is not None
    given_up = order.placement.state in GIVEN_UP
    releases = (given_up and payment.state not in GONE and not payment.undecided) or is_outgrown(order)
    reads_first = is_asked and (not releases or payment.state is P.CAPTURED)
    if payment.attempt or payment.state is P.UNKNOWN or reads_first:
        return Step.FOLLOW
    if releases:
        return Step.VOID
    # False: all money is released in the end, or a person first decides how a failed refund reaches the customer.
    goes_on = not (given_up or order.cancel_asked or payment.undecided)
    if goes_on and payment.state is P.CAPTURED and grants.to_make(order.grants):
        return Step.REFUND
    if goes_on and payment.state is P.PENDING:
        return Step.AUTHORIZE
    return Step.FOLLOW if payment.read_back_at else None


def _stops_payment(hold: Hold) -> bool:
    return hold.code is HoldCode.PAYMENT_REFUSED or (hold.code is HoldCode.POISON and hold.detail == Queue.PAYMENT)


def _placement_step(order: Order) -> Step | None:
    step, report = _handing_over_step(order), report_due(order)
    return Step.REPORT if report and (not step or report <= _due(order, order.placement)) else step


def _handing_over_step(order: Order) -> Step | None:
    if any(_stops_placement(hold, order) for hold in order.holds):
        return None
    if order.placement.state in GIVEN_UP:
        return Step.UNDO_LATE if order.placement.late_since else None
    if order.cancel_asked:
        return Step.WITHDRAW
    if order.placement.state in (S.PLACING, S.UNKNOWN):  # its outcome is read first, whatever the payment does
        return Step.RECONCILE
    if order.payment.attempt:
        return None
    # Before the capture, which takes the sum agreed by then.
    amendable = order.amendment and order.placement.state in AMENDABLE
    if amendable and order.payment.state not in (P.PENDING, P.UNKNOWN):
        return Step.AMEND
    # Money captured by hand, in the provider's dashboard, has paid for the goods too.
    bought = order.payment.state is P.CAPTURED or is_free(order)
    left = bought and order.placement.state is not S.VERIFIED
    ready = order.payment.state is P.AUTHORIZED and not is_outgrown(order)
    return Step.RECONCILE if left or ready or (bought and order.placement.read_again_at) else None


# Holds that a withdrawal does not resolve.
BEYOND_WITHDRAWAL = frozenset({HoldCode.ALREADY_SHIPPED, HoldCode.PRIMARY_REFUSED, HoldCode.POISON, HoldCode.BY_HAND})


def _stops_placement(hold: Hold, order: Order) -> bool:
    # A withdrawal resolves most holds; those it cannot resolve still wait for a person.
    if order.cancel_asked or order.placement.state in GIVEN_UP:
        return hold.code in BEYOND_WITHDRAWAL
    # An expiring authorization is resolved by placing and capturing; goods do not wait for a failed refund.
    return hold.stops and hold.code not in (HoldCode.PAYMENT_EXPIRING, HoldCode.REFUND_FAILED)


def _notice_step(order: Order) -> Step | None:
    """A due update does not wait for an unreachable mail server, nor a mail for an update that is due later."""
    notice, word = _notice_due(order), word_due(order)
    if notice and (word is None or notice <= word):
        return Step.NOTIFY
    return Step.KEEP_PROMISE if word else None


def _notice_due(order: Order) -> datetime | None:
    return min((notice.due_at for notice in order.notices if notice.state in OPEN_NOTICE), default=None)


def due_times(order: Order) -> dict[Queue, datetime]:
    """When each queue handles the order next; the ledger builds its due sets from this alone."""
    due: dict[Queue, datetime] = {}
    for queue, part in ((Queue.PAYMENT, order.payment), (Queue.PLACEMENT, order.placement)):
        if step := next_step(order, queue):
            aside = order.payment.read_back_at if step is Step.FOLLOW else None
            due[queue] = (step is Step.REPORT and report_due(order)) or _due(order, part, aside)
    words = [at for at in (_notice_due(order), word_due(order)) if at]
    if words:
        due[Queue.NOTICE] = min(words)
    return due


def _due(order: Order, part: Payment | Placement, aside: datetime | None = None) -> datetime:
    called = part.state is not S.UNKNOWN and part.attempt  # what became of a lost call is asked sooner
    return (called and called.began_at + PATIENCE) or part.due_at or aside or order.received_at
