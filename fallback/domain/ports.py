"""What the use cases need from the world: each port has an adapter per vendor, a fake, and one contract suite."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterable, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from msgspec import Struct

from fallback.domain.claims import HERE, Claim
from fallback.domain.grants import Booked, GrantKind, Refund
from fallback.domain.matching import Cancellation, PrimaryOrder, Quote
from fallback.domain.money import Money
from fallback.domain.order import Decline, Event, Order, Queue
from fallback.domain.owners import Roster
from fallback.domain.people import Person

Clock = Callable[[], datetime]


# --- the ledger


class Accepted(Struct, frozen=True):
    """The order stands in the ledger, on disk. `replayed`: it stood there before, from an equal request.

    `ring`: the queues that have work now and whose workers nobody has woken.
    """

    ref: str
    received_at: datetime
    replayed: bool = False
    ring: tuple[Queue, ...] = ()


class KeyReused(Struct, frozen=True):
    """The idempotency key came before, with another body. Nothing was written."""


class CartTaken(Struct, frozen=True):
    """The purchase was captured before, as this order. Nothing was written."""

    ref: str


class Ledger(Protocol):
    """The only truth. Every write is all or nothing and on disk when it returns.

    Each call may raise TryAgain: the ledger is not reachable, or has no room (for `accept` only).
    """

    def accept(self, order: Order, key: str, fingerprint: str) -> Accepted | KeyReused | CartTaken:
        """Capture a new order; safe to send twice. `key`: idempotency; `fingerprint`: of the body. Raises RefTaken."""

    def replay(self, key: str, fingerprint: str) -> Accepted | KeyReused | None:
        """What `accept` answered to this key before, if anything."""

    def load(self, ref: str) -> Order:
        """Raises UnknownOrder."""

    def commit(
        self,
        old: Order,
        new: Order,
        events: Sequence[Event],
        once: str | None = None,
        booked: Booked | None = None,
    ) -> Order:
        """Write `new` if the order still is at `old.version`, else raise Conflict. Returns it with its new version.

        `booked`: raise Conflict too if it is another sum by now, because somebody granted for another order.
        `once` names an event of the outside (a webhook's id): AlreadyDone is raised if it was recorded before. Due sets
        and indexes follow from the difference of the two documents, by `lifecycle`.
        """

    def ref_of_cart(self, cart_id: str) -> str | None:
        """The order that stands for this purchase, if any."""

    def ref_of_intent(self, intent_id: str) -> str | None: ...

    def load_many(self, refs: Sequence[str]) -> list[Order]:
        """Raises UnknownOrder for the first that is not there."""

    def refs_of_person(self, *, email: str | None = None, phone: str | None = None, limit: int = 100) -> list[str]:
        """The newest orders of whoever has this e-mail address, or this phone number; newest first."""

    def timeline(self, ref: str) -> list[Event]:
        """Oldest first."""

    def booked(self, kind: GrantKind, incident: str, currency: str) -> Booked:
        """What was granted of this kind for orders of the incident."""

    def keep_unclaimed(self, event_id: str, payload: bytes) -> None:
        """Put a webhook that belongs to no order of ours into the inbox, where a person finds it; once per id."""

    def unclaimed(self) -> dict[str, bytes]:
        """What is in the inbox, by event id."""

    def drop_unclaimed(self, event_ids: Sequence[str]) -> None: ...

    def count_due(self, queue: Queue, ahead: timedelta = timedelta()) -> int: ...

    def claim_due(self, queue: Queue, lease: timedelta, limit: int) -> list[str]:
        """Refs that are due, at most `limit`; each is put off by `lease`: what a dead worker took comes due again.

        For the primary by the end of their authorization, then, as on all queues, by when they came due.
        """


# --- claims


class Claims(Protocol):
    """Who works on an order, and who has it open. All of it is forgotten by itself. Each call may raise TryAgain."""

    def current(self, ref: str) -> Claim | None:
        """The last one, also when its time is over."""

    def change(self, ref: str, decide: Callable[[Claim | None], Claim | None]) -> Claim | None:
        """Write `decide(claim)`, decided anew if somebody else was first; None changes nothing."""

    def look(self, ref: str, who: str, now: datetime, stays: timedelta = HERE) -> list[str]:
        """`who` has the order open, and counts as here for so long. Answers all who are here, by name."""


class Duty(Protocol):
    """Who is on duty, and whose turn it is to be given an order. Each call may raise TryAgain."""

    def begin(self, person: Person, now: datetime) -> None: ...

    def end(self, person: Person) -> None: ...

    def roster(self) -> Roster: ...

    def given(self, name: str, now: datetime) -> None:
        """She was given an order and comes last in turn; nothing changes if she is not on duty."""


# --- payment


class IntentState(StrEnum):
    """Stripe's PaymentIntent states in our words (https://docs.stripe.com/payments/paymentintents/lifecycle)."""

    NEEDS_CARD = "needs_card"
    NEEDS_CONFIRMATION = "needs_confirmation"
    NEEDS_CUSTOMER = "needs_customer"
    PROCESSING = "processing"
    AUTHORIZED = "authorized"
    CAPTURED = "captured"
    VOIDED = "voided"


class Intent(Struct, frozen=True):
    """A payment as the provider has it now. Amounts in minor units. `decline` is that of the last confirmation.

    `refunded`: the sum of the `refunds` that succeeded or are under way. It falls when one fails later.
    `lapsed`: voided because the authorization was not captured in time. `next_action_url` is where the bank asks her.
    """

    id: str
    state: IntentState
    amount: int
    currency: str
    captured: int = 0
    refunded: int = 0
    refunds: tuple[Refund, ...] = ()
    capture_before: datetime | None = None
    next_action_url: str | None = None
    decline: Decline | None = None
    lapsed: bool = False


class PaymentGateway(Protocol):
    """Authorize first, capture later. A decline is an answer (`Intent.decline`), not an error.

    Each call may raise TryAgain (nothing happened), OutcomeUnknown (it may have) or Refused (it never will); calls with
    an idempotency `key` may be repeated with the same key and arguments within 23 hours.
    """

    @property
    def available(self) -> bool:
        """False while so many calls failed that the next ones would too: then one order at a time is the probe."""

    def create(self, ref: str, total: Money, key: str) -> Intent: ...

    def confirm(self, intent_id: str, token: str, return_url: str, key: str) -> Intent:
        """`token`: a confirmation token (ctoken_…) or payment method (pm_…). `return_url`: back from the bank."""

    def retrieve(self, intent_id: str) -> Intent: ...

    def find(self, ref: str, since: datetime, after: str = "") -> Intent | None:
        """The intent that was created for this ref since then, when its id was lost; the newest is looked at first.

        Raises NotThrough where that takes too long. `after`: how far it went the last time.
        """

    def listed(self, since: datetime) -> Iterable[tuple[str, Intent]]:
        """Every intent that was created for a ref of ours since then, the newest first, page by page."""

    def capture(self, intent_id: str, amount: Money, key: str) -> Intent: ...

    def void(self, intent_id: str, key: str) -> Intent: ...

    def refund(self, intent_id: str, amount: Money, key: str, grant: int = 0) -> Intent: ...


# Drills are paid with another key than purchases (FALLBACK_DRILL_STRIPE_KEY).
GatewayOf = Callable[[Order], PaymentGateway]


# --- the primary


class Duplicates(StrEnum):
    """How a primary refuses duplicates (§9)."""

    ENFORCED = "enforced"
    KEYED = "keyed"
    SEARCH = "search"
    NONE = "none"


class Health(Struct, frozen=True):
    """What a primary says of itself: how it refuses duplicates, and what it `can` ('amend', 'cancel', 'slots').

    'contact': amends how the customer is reached; 'phone': finds orders by it; 'tombstones': refuses what was
    cancelled; 'unpaid': cancels its own orders that wait for their payment; 'numbered': refuses an older change.
    """

    duplicates: Duplicates
    can: frozenset[str] = frozenset()


NOT_FOUND, NO_SUCH_ROUTE, ALREADY_PAID = "not_found", "no_such_route", "already_paid"
OUTDATED = "outdated"
CANCEL, CANCEL_UNPAID, TOMBSTONES, NUMBERED = "cancel", "unpaid", "tombstones", "numbered"
# What of an order may be amended, by the contract's names; the second only in a primary that 'can'.
AGREED = ("lines", "shipping_address", "delivery", "total")
CONTACT = ("contact",)


class CartAlreadyOrdered(Exception):
    """The primary has another order for this cart: the rival."""

    def __init__(self, rival: PrimaryOrder) -> None:
        super().__init__(rival.number)
        self.rival = rival


class Primary(Protocol):
    """The shop's own system. Each call has a total deadline.

    It may raise TryAgain, OutcomeUnknown (of a write) or Refused. Refused.code is one of the contract's: out_of_stock,
    price_changed, already_shipped, cancelled, not_found, or the primary's own word.
    """

    @property
    def available(self) -> bool:
        """False while so many calls failed that the next ones would too."""

    def health(self) -> Health: ...

    def find(self, ref: str) -> PrimaryOrder | None:
        """The order with our ref, if it is there."""

    def rivals(
        self, cart_id: str, email: str | None, since: datetime, phone: str | None = None
    ) -> Iterable[PrimaryOrder]:
        """Orders for this cart or of this person since then, ours among them. `phone`: only to one that 'can'."""

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterable[PrimaryOrder]:
        """Every order that was placed there since then, the shop's own too. `turn` is waited for before each page."""

    def place(self, order: Order) -> PrimaryOrder:
        """Create it, or answer what is already there for this ref. Raises CartAlreadyOrdered."""

    def read(self, ref: str) -> PrimaryOrder: ...

    def quote(self, order: Order) -> Quote:
        """What `place` would make of it; raises what that would, and writes nothing. Only of one that 'can'."""

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        """Bring what is named, of AGREED and CONTACT, to what `order` says; numbered by `placement.amendments`."""

    def cancel(self, ref: str) -> Cancellation: ...

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        """Cancel its own order, unless that was paid meanwhile: Refused('already_paid'). Only of one that 'can'."""
