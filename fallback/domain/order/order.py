"""The order: a purchase that we took, as one document.

The parts that the two state machines move (payment, placement) are structs of their own; `lifecycle.headline` derives
the status from them. A change makes a new document, committed only if no other write came first. New fields need a
default, so that documents of the version before can be read.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct

from fallback.domain.money import Money
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.card_given import CardGiven
from fallback.domain.order.cart import Delivery, DeliveryOption, Discount, Line, Tax
from fallback.domain.order.concern import Concern
from fallback.domain.order.customer import Address as Address
from fallback.domain.order.customer import Customer as Customer
from fallback.domain.order.decline import Decline as Decline
from fallback.domain.order.grants import Booked, Grant, SentBack
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import Hold
from fallback.domain.order.payment_report import PaymentReport
from fallback.domain.order.ratings import Rated
from fallback.domain.order.withdrawal import Withdrawal


class PaymentState(StrEnum):
    NONE = "none"
    PENDING = "pending"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    ACTION_REQUIRED = "action_required"
    UNKNOWN = "unknown"
    VOIDED = "voided"
    REFUNDED = "refunded"


class PlacementState(StrEnum):
    WAITING = "held"
    PLACING = "placing"
    PLACED = "placed"
    VERIFIED = "verified"
    UNKNOWN = "unknown"
    MERGED = "merged"
    CANCELLED = "cancelled"


class Queue(StrEnum):  # from which shifts claim work
    PAYMENT = "payment"
    PLACEMENT = "placement"
    NOTICE = "notice"


class Call(StrEnum):  # as attempts: record, call, record the outcome; not a cancellation, which may be repeated
    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"  # all that is left
    GRANT = "grant"  # what one grant says
    PLACE = "place"
    AMEND = "amend"


class Attempt(Struct, frozen=True):
    """An external call that has begun and whose outcome is not recorded yet. `key` is its idempotency key."""

    call: Call
    key: str
    began_at: datetime


class Payment(SentBack, frozen=True, omit_defaults=True, kw_only=True):
    """`amount` is what the customer owes; authorized, captured, refunded: what the provider confirmed, in minor units.

    `token`: a confirmation token whose outcome is not known yet (valid once, within 12 hours). `cards` counts the cards
    given, `given` recognizes them; `round` counts the events that made earlier keys useless (a lapse, a saved error).
    Keys contain both counts. `asked_at`: when the present intent was first requested. `tries`: consecutive attempts
    without an outcome. `due_at`: when a shift handles the payment next. `ask_again_at`: when the customer is next
    reminded to pay; cleared with each change. `pay_by`: when the order ends unless it is paid (`lifecycle.pays_by`).
    `outgrown`: the authorized sum when the order became more expensive.

    `settled_for`: a captured sum below the agreed one that a person accepted. `heard`: news from the provider that came
    while a call was under way, until that is over. `search_after`: how far the search for an intent with a lost id
    went; None: no search (domain/payment/search.py). `processing_since`: since when the customer's bank is deciding.
    """

    amount: int
    state: PaymentState = PaymentState.NONE
    token: str | None = None
    intent: str | None = None
    asked_at: datetime | None = None
    attempt: Attempt | None = None
    cards: int = 0
    given: tuple[CardGiven, ...] = ()
    round: int = 0
    tries: int = 0
    due_at: datetime | None = None
    authorized: int = 0
    captured: int = 0
    capture_before: datetime | None = None
    decline: Decline | None = None
    next_action_url: str | None = None
    outgrown: int = 0
    ask_again_at: datetime | None = None
    pay_by: datetime | None = None
    settled_for: int = 0
    heard: tuple[str, ...] = ()
    search_after: str | None = None
    processing_since: datetime | None = None

    @property
    def may_have_freed_cart(self) -> bool:
        """All was refunded, or a refund failed: the cart may have been free, and another order may have it now."""
        return self.state is PaymentState.REFUNDED or any(each.came_back for each in self.refunds)


class Placement(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` and `number` are the primary's own; for a merged order they are those of the rival.

    `amendments`: how many changes were sent to the primary; each carries its number, so that a late one is recognized
    as older. `let_stand`: the differences of a mismatch that a person accepted, in the words of the hold.
    `read_again_at`: when to read the order back once more, if the primary does not check those numbers. `sent`: it was
    sent at least once, so it may arrive in the primary whatever was answered. `late_since`: when it was given up; the
    primary is checked for it from then on (domain/placement/late_arrivals.py). `stays`: a person decided that it stays
    in the primary although it is over here. `report`: only for a primary that hears of payments. `honoured`: how much
    more it would have cost at the shop's prices of the day when it was placed.
    """

    state: PlacementState = PlacementState.WAITING
    attempt: Attempt | None = None
    tries: int = 0
    due_at: datetime | None = None
    id: str | None = None
    number: str | None = None
    sent: bool = False
    late_since: datetime | None = None
    stays: bool = False
    amendments: int = 0
    read_again_at: datetime | None = None
    let_stand: tuple[str, ...] = ()
    report: PaymentReport | None = None
    honoured: int = 0


class NoticeKind(StrEnum):
    RECEIVED = "received"
    PAYMENT_NEEDED = "payment_needed"
    PLACED = "placed"
    MERGED = "merged"
    CANCELLED = "cancelled"
    REFUNDED = "refunded"
    MONEY_BACK = "money_back"
    ANSWER = "answer"
    POSSIBLE_RIVAL = "possible_rival"
    LINKS = "links"
    ADDRESS_LEFT = "address_left"
    NEXT_WORD = "next_word"
    CHANGED = "changed"
    NOT_CHANGED = "not_changed"
    REFUND_FAILED = "refund_failed"
    OWNER = "owner"
    WITHDRAWAL = "withdrawal"
    ORDERED_TWICE = "ordered_twice"


class TextMessage(StrEnum):
    PAYMENT_NEEDED = "payment_needed"
    POSSIBLE_RIVAL = "possible_rival"
    CANCELLED = "cancelled"
    MAIL_RETURNED = "mail_returned"


class NoticeState(StrEnum):
    """`handing_over`: the mail server is receiving the text. `unknown`: a crash or a broken connection lost its reply.

    `failed`: the server will never take it, or returned it. `dropped`: it did not apply any more when it was due.
    """

    QUEUED = "queued"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


class Notice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message to the customer. `id`: '1', '2', … in queueing order. `refs`: further orders that it links to.

    `owner`: the name of the agent who is written to instead, because they own the order. `together`: the agent got many
    such mails, so it waits, to be sent as one summary of all (domain/support/mail_limit.py). Ids of texts
    (domain/order/texts_by_people.py), 0 for none: `said`, a person's sentence in it; `to`, the address it goes to
    instead of the customer's current one. `refused_at`: when the mail server refused or returned it. `delayed`: a mail
    server said that it is late. `sms`: it is not a mail but this text message, for the same reason as a mail of `kind`.
    """

    id: str
    kind: NoticeKind
    due_at: datetime
    state: NoticeState = NoticeState.QUEUED
    tries: int = 0
    said: int = 0
    refs: tuple[str, ...] = ()
    to: int = 0
    owner: str = ""
    together: bool = False
    refused_at: datetime | None = None
    delayed: bool = False
    sms: TextMessage | None = None


class Order(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`version` is the ledger's and counts its commits; `customer` is None once the personal data is erased.

    `maybe_taken`: the customer's own attempt may have reached the primary before it failed, so rivals are looked for
    first. `cancel_asked`: the customer or an agent asked to cancel; from then on shifts work towards that. `options`:
    the cart's delivery options. `amendment`: the change that the primary is to make. `released`: a person approved
    handing it to a primary that cannot refuse duplicates. `apart`: orders that look similar but are separate purchases.
    `taxed_for`: the places that its tax was signed for; empty: any. `last_word`: a person's sentence for the mail about
    the end of the order. `replayed_at`: when it came from a journal. `drill`, `expired`: of its Cart. `late`: SKUs of
    which the shop may not have enough. `trace`: W3C traceparent. `owner`: by `owners.owner_of`. `next_word_by`: by
    `lifecycle.next_word_by`. `withdrawal`: from the contract.
    """

    ref: str
    shop: str
    cart_id: str
    currency: str
    lines: tuple[Line, ...]
    tax: Tax
    delivery: Delivery
    locale: str
    received_at: datetime
    payment: Payment
    customer: Customer | None = None
    discounts: tuple[Discount, ...] = ()
    options: tuple[DeliveryOption, ...] = ()
    taxed_for: tuple[str, ...] = ()
    amendment: Amendment | None = None
    placement: Placement = Placement()
    holds: tuple[Hold, ...] = ()
    notices: tuple[Notice, ...] = ()
    grants: tuple[Grant, ...] = ()
    concerns: tuple[Concern, ...] = ()
    maybe_taken: bool = False
    cancel_asked: bool = False
    last_word: int = 0
    released: bool = False
    apart: tuple[str, ...] = ()
    rated: Rated = Rated()
    owner: str = ""
    next_word_by: datetime | None = None
    handover: Handover | None = None
    callback: Callback | None = None
    withdrawal: Withdrawal | None = None
    replayed_at: datetime | None = None
    drill: bool = False
    expired: bool = False
    late: tuple[str, ...] = ()
    trace: str = ""
    version: int = 0

    @property
    def total(self) -> Money:
        """What the customer pays, delivery included."""
        return Money(self.payment.amount, self.currency)


class Event(Struct, frozen=True, omit_defaults=True):
    """One line of the timeline. `what` is a stable code, `who` is 'customer', one of MACHINES or a name.

    `data` holds figures and ids for the sentence that a page builds from it; never personal data, never a secret.
    """

    at: datetime
    what: str
    who: str
    data: dict[str, str | int] = {}


class Change(Struct, frozen=True):
    """A new document and its timeline events: what a domain function returns and `commit` takes.

    `booked`: the booked sum that the decision was based on; nothing is written if it has changed.
    """

    order: Order
    events: tuple[Event, ...]
    booked: Booked | None = None
