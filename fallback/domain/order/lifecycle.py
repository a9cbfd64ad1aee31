"""The status of an order, what is due for it and the next step of a shift: derived from its states, only here."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from fallback.domain.order import grants
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, Hold, HoldCode
from fallback.domain.order.order import NoticeState, Order, Payment, PaymentState, Placement, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.reporting import report_due

P, S = PaymentState, PlacementState

GIVEN_UP = frozenset({S.MERGED, S.CANCELLED})
GONE = frozenset({P.VOIDED, P.REFUNDED})
# The primary has the order, and no placement call is pending.
AMENDABLE = frozenset({S.PLACED, S.VERIFIED})


class Headline(StrEnum):
    """The status that people see, and by which the ledger's index lists and counts orders."""

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
    # Manual work in the shop for an order that is fully refunded is internal: the customer sees 'refunded'.
    if any(hold.stops and (payment, hold.code) != (P.REFUNDED, HoldCode.BY_HAND) for hold in order.holds):
        return Headline.ON_HOLD
    if placement in GIVEN_UP or order.cancel_asked:
        return Headline.UNDOING
    asked_there = placement in (S.PLACING, S.UNKNOWN) or order.amendment
    if payment is P.REFUNDED and not asked_there and not is_free(order):  # by hand, in the provider's dashboard
        return Headline.REFUNDED
    if payment is P.UNKNOWN or placement is S.UNKNOWN:
        return Headline.CHECKING
    if placement is S.VERIFIED and (payment is P.CAPTURED or is_free(order)) and not order.amendment:
        return Headline.SETTLED
    if needs_customer(order):
        return Headline.PAYMENT_NEEDED
    if placement is not S.WAITING:
        return Headline.PLACING
    return Headline.RECEIVED if payment is P.PENDING else Headline.WAITING


def needs_customer(order: Order) -> bool:
    """The payment waits for a card or for the customer's bank confirmation, and the purchase is still wanted."""
    wanted = not order.cancel_asked and order.placement.state not in GIVEN_UP
    return wanted and not is_free(order) and order.payment.state in (P.NONE, P.ACTION_REQUIRED)


def is_free(order: Order) -> bool:
    """It costs nothing and no payment is pending, or all was refunded: it is settled without a payment."""
    return order.payment.amount == 0 and order.payment.state in (P.NONE, P.ACTION_REQUIRED, P.REFUNDED)


# --- updates to the customer

# If a waiting order has no other update for its customer by then, a notice is sent automatically.
WITHOUT_WORD = timedelta(hours=8)
AGAIN = timedelta(days=1)  # then once in this period
# Time to send the notice, so that the customer gets it before the promised time.
WORD_TAKES = timedelta(minutes=5)


def is_only_ours(order: Order) -> bool:
    """Nothing of it was sent to the shop, as far as we know."""
    return order.placement.state is S.WAITING


def is_over(order: Order) -> bool:
    """Nobody has anything left to do. A question may stay open after the purchase is over."""
    return headline(order) in ENDED and not order.holds


def waits_for_us(order: Order) -> bool:
    """It is not over, and the next step is not the customer's."""
    if is_only_ours(order) and needs_customer(order):  # the customer is also the one asked about a rival
        return any(hold.code not in ASKS_ABOUT_RIVAL for hold in order.holds)
    return bool(order.holds) or headline(order) not in ENDED | {Headline.PAYMENT_NEEDED}


def customer_waits(order: Order) -> bool:
    """The purchase is not over, or the customer asked a question. Other work on a finished order is internal."""
    return headline(order) not in ENDED or any(hold.keeps_customer_waiting for hold in order.holds)


def next_word_by(order: Order) -> datetime:
    """By when the customer gets the next update: the earliest promised time, else the default."""
    return min(_named_for_word(order), default=order.received_at + WITHOUT_WORD)


def _named_for_word(order: Order) -> list[datetime]:
    """The times that the customer was promised, and those at which they are reminded of what only they can do."""
    times = [hold.next_word_by for hold in order.holds]
    if order.next_word_by:
        times.append(order.next_word_by)
    if order.payment.ask_again_at and not waits_for_us(order):
        times.append(order.payment.ask_again_at)
    if by := pays_by(order):  # the order ends then, and the customer is notified right after
        times.append(by + WORD_TAKES)
    return times


def pays_by(order: Order) -> datetime | None:
    """By when the customer has to pay before the purchase is undone; None unless we wait for the customer."""
    return None if waits_for_us(order) or is_over(order) else order.payment.pay_by


def word_is_named(order: Order) -> bool:
    return bool(_named_for_word(order))


def promised(order: Order) -> datetime | None:
    """The time promised to a waiting customer; None if there is none, or if we wait for the customer."""
    told = order.holds or order.next_word_by
    return next_word_by(order) if told and waits_for_us(order) else None


def untold(order: Order) -> list[Hold]:
    """Holds without an owner, or whose owner was not notified. While we ask the customer, the hold is theirs."""
    return [hold for hold in order.holds if hold.owner != CUSTOMER and (not order.owner or hold.told != order.owner)]


def word_due(order: Order) -> datetime | None:
    """When to check that the order has an owner and its promised update (domain/support/promises.py)."""
    if order.drill or is_over(order):  # whoever runs a drill follows it; it has no customer to update
        return None
    times = [next_word_by(order) - WORD_TAKES]
    if order.handover:
        times.append(order.handover.accept_by)
    if waiting := untold(order):
        times.append(min(hold.since for hold in waiting))
    return min(times)


# --- the next step of a shift


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


def is_outgrown(order: Order) -> bool:
    """The authorization no longer fits since the order was changed, and is voided: it costs more now, or nothing."""
    amount = order.payment.amount
    return order.payment.state is P.AUTHORIZED and (order.payment.authorized < amount or amount == 0)


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


OPEN_NOTICE = frozenset({NoticeState.QUEUED, NoticeState.HANDING_OVER})


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


def holds_cart(order: Order) -> bool:
    """Whether it wants its cart: until it was undone, or for good if the shop has another order of the cart."""
    gone = order.placement.state in GIVEN_UP and order.payment.was_sent_back
    return order.placement.state is S.MERGED or not (gone or headline(order) in (Headline.CANCELLED, Headline.REFUNDED))
