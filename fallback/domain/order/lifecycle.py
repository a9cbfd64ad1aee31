"""The status of an order, and when its customer gets the next update: derived from its states, only here."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, Hold, HoldCode
from fallback.domain.order.order import NoticeState, Order, PaymentState, PlacementState

P, S = PaymentState, PlacementState

GIVEN_UP = frozenset({S.MERGED, S.CANCELLED})
GONE = frozenset({P.VOIDED, P.REFUNDED})
# The primary has the order, and no placement call is pending.
AMENDABLE = frozenset({S.PLACED, S.VERIFIED})
OPEN_NOTICE = frozenset({NoticeState.QUEUED, NoticeState.HANDING_OVER})


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


def is_only_ours(order: Order) -> bool:
    """Nothing of it was sent to the shop, as far as we know."""
    return order.placement.state is S.WAITING


def is_over(order: Order) -> bool:
    """Nobody has anything left to do. A question may stay open after the purchase is over."""
    return headline(order) in ENDED and not order.holds


def is_outgrown(order: Order) -> bool:
    """The authorization no longer fits since the order was changed, and is voided: it costs more now, or nothing."""
    amount = order.payment.amount
    return order.payment.state is P.AUTHORIZED and (order.payment.authorized < amount or amount == 0)


def holds_cart(order: Order) -> bool:
    """Whether it wants its cart: until it was undone, or for good if the shop has another order of the cart."""
    gone = order.placement.state in GIVEN_UP and order.payment.may_have_freed_cart
    return order.placement.state is S.MERGED or not (gone or headline(order) in (Headline.CANCELLED, Headline.REFUNDED))


# --- updates to the customer

# If a waiting order has no other update for its customer by then, a notice is sent automatically.
WITHOUT_WORD = timedelta(hours=8)
AGAIN = timedelta(days=1)  # then once in this period
# Time to send the notice, so that the customer gets it before the promised time.
WORD_TAKES = timedelta(minutes=5)


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
