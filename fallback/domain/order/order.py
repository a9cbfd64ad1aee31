"""The order: a purchase that we captured, as one document.

The parts that the two state machines move (payment, placement) are structs of their own; what people see is derived
from them in `lifecycle.headline`. Everything is frozen: a change makes a new document, and the ledger commits it
only if nobody else was first. New fields need a default, so that documents of the version before can be read.
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
from fallback.domain.order.grants import Booked, Grant, SentBack
from fallback.domain.order.handover_and_callback import Callback, Handover
from fallback.domain.order.holds import Hold
from fallback.domain.order.ratings import Rated
from fallback.domain.order.sentence import Said


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


class Queue(StrEnum):
    """The three kinds of work that shifts take from the ledger."""

    PAYMENT = "payment"
    PLACEMENT = "placement"
    NOTICE = "notice"


class Call(StrEnum):
    """The calls that stand between two recorded points. A cancellation does not: the primary may be asked twice."""

    CREATE = "create"
    CONFIRM = "confirm"
    CAPTURE = "capture"
    VOID = "void"
    REFUND = "refund"  # all that is left
    GRANT = "grant"  # what one grant says
    PLACE = "place"
    AMEND = "amend"


class Attempt(Struct, frozen=True):
    """An external call that began and whose answer is not recorded yet. `key` is its idempotency key."""

    call: Call
    key: str
    began_at: datetime


class Address(Struct, frozen=True, omit_defaults=True):
    name: str
    line1: str
    city: str
    postal_code: str | None
    country: str
    line2: str | None = None
    region: str | None = None


class Customer(Struct, frozen=True, omit_defaults=True):
    """Personal data: encrypted at rest, apart from the order's document, and erased on time.

    `wanted_address`: where it shall go instead, until the primary has it so (`Order.amendment`).
    """

    name: str
    email: str
    address: Address
    phone: str | None = None
    note: str | None = None
    said: tuple[Said, ...] = ()
    wanted_address: Address | None = None


class Decline(Struct, frozen=True):
    """Why a card was declined. `advice` is what may be done: 'never', 'customer' or 'soft' (payments/declines.py)."""

    code: str
    advice: str


class Payment(SentBack, frozen=True, omit_defaults=True, kw_only=True):
    """`amount` is what the customer owes; authorized, captured, refunded: what the provider confirmed, in minor units.

    `token` is a confirmation token whose outcome is not known yet (good once, within 12 hours). `cards` counts those
    given, `given` knows them again; `round` counts what made earlier keys useless (a lapse, a saved error).
    Keys are made of both counts. `asked_at`: when the present intent was first asked for. `tries` counts the tries that
    ended without an outcome, before each. `due_at`: when a shift looks at it next. `ask_again_at`: when a customer who
    is waited for is asked once more; forgotten with each change. `pay_by`: when it ends unless it is paid
    (`lifecycle.pays_by`). `outgrown`: what was set aside when it became dearer.
    `settled_for`: what was captured, which is less than agreed, and a person let stand. `heard`: the provider's news
    that came while a call was under way, until it is over. `search_after`: how far the intent was looked for whose id
    was lost; None: it is not looked for (domain/payment/search.py).
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


class Placement(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`id` and `number` are the primary's own; for a merged order they are those of the rival.

    `amendments`: how many changes were sent there; each carries its number, so that a late one is known as older.
    `let_stand`: what a person saw of a mismatch and let stand, in the words of the hold.
    `read_again_at`: when it is read back once more, where the primary does not look at those numbers.
    `sent`: it was sent there once, so it may come there whatever was answered. `late_since`: it was given up then, and
    is looked for there (domain/placement/late_arrivals.py). `stays`: a person let it stand there although it is over
    here.
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


class NoticeState(StrEnum):
    """`handing_over`: the server gets the text now. `unknown`: it got it, and its answer was lost with a crash or line.

    `failed`: the server will never take it. `dropped`: it was no longer true when it came due.
    """

    QUEUED = "queued"
    HANDING_OVER = "handing_over"
    SENT = "sent"
    UNKNOWN = "unknown"
    FAILED = "failed"
    DROPPED = "dropped"


class Notice(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """A message to the customer. `id`: '1', '2', … in the order of queueing. `refs`: further orders it leads to.

    `owner`: the name of the person who is written to instead, since they look after the order.
    Ids of texts (domain/order/texts_by_people.py), or 0: `said`, what a person says in it; `to`, the address it goes to
    instead of hers.
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


class Order(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`version` is the ledger's and counts its commits; `customer` is None once the personal data is erased.

    `maybe_taken`: the customer's own attempt may have reached the primary before it failed, so rivals are looked for
    first. `cancel_asked`: the customer or a person wants it undone; shifts work towards that end from then on.
    `options`: the ways of delivery that the cart offered. `amendment`: what the primary shall change. `released`: a
    person let it go to a primary that cannot refuse duplicates. `apart`: orders that look like this one and are another
    purchase. `last_word`: a person's sentence for the mail about its end. `drill`: our own, to see that the line works;
    it stands in no list. `trace`: its W3C traceparent, where there are traces. `owner`, `next_word_by`: by
    `owners.owner_of`, `lifecycle.next_word_by`.
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
    drill: bool = False
    trace: str = ""
    version: int = 0

    @property
    def total(self) -> Money:
        """What the customer pays, delivery included."""
        return Money(self.payment.amount, self.currency)


class Event(Struct, frozen=True, omit_defaults=True):
    """One line of the timeline. `what` is a stable word, `who` 'customer', one of MACHINES or a name.

    `data` holds figures and ids for the sentence that a page makes of it; never personal data, never a secret.
    """

    at: datetime
    what: str
    who: str
    data: dict[str, str | int] = {}


class Change(Struct, frozen=True):
    """A new document and what the timeline says about it: what a domain function answers, what commit takes.

    `booked`: what was decided by; nothing is written once it is another sum.
    """

    order: Order
    events: tuple[Event, ...]
    booked: Booked | None = None
