"""The port of the ledger, the single source of truth for orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.exposure import NO_LIMITS, PayFirst, SoldOut, Terms
from fallback.domain.order.grants import Booked, GrantKind
from fallback.domain.order.order import Event, Order, Queue


class Accepted(Struct, frozen=True):
    """The order is in the ledger, on disk. `replayed`: it was there before, from an equal request.

    `ring`: the queues that have work now and whose workers were not woken yet. `late`: as Order.late; of a new order.
    """

    ref: str
    received_at: datetime
    replayed: bool = False
    ring: tuple[Queue, ...] = ()
    late: tuple[str, ...] = ()


class KeyReused(Struct, frozen=True):
    """The idempotency key was used before, with another body. Nothing was written."""


class CartTaken(Struct, frozen=True):
    """There is an order for this purchase already: this one. Nothing was written."""

    ref: str


Outcome = Accepted | KeyReused | CartTaken | SoldOut | PayFirst


def first_events(order: Order) -> list[Event]:
    """What `accept` writes into the timeline."""
    events = [Event(order.received_at, "received", "customer")]
    if order.customer and order.customer.sms:  # consent is on record with its time
        events.append(Event(order.received_at, "sms_agreed", "customer"))
    if order.expired:
        events.append(Event(order.received_at, "cart_expired", "worker"))
    if order.replayed_at:
        events.append(Event(order.replayed_at, "from_journal", "worker"))
    return events


def may_be_late(at: datetime) -> Event:
    """What `accept` also writes into it if the shop may not have enough of something."""
    return Event(at, "may_be_late", "worker")


class Ledger(Protocol):
    """The single source of truth. Every write is all or nothing, and on disk when it returns.

    Each call may raise TryAgain: the ledger is not reachable, or (for `accept` only) has no room.
    """

    def accept(self, order: Order, key: str, fingerprint: str, terms: Terms = NO_LIMITS) -> Outcome:
        """Write a new order; safe to repeat. `key`: idempotency key; `fingerprint`: of the body. Raises RefTaken.

        It counts what the order takes (exposure.py), and writes into `Order.late` what the shop may not have enough of.
        """

    def replay(self, key: str, fingerprint: str) -> Accepted | KeyReused | None:
        """What `accept` returned for this key before, if anything."""

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
        """Write `new` if the order is still at `old.version`, else raise Conflict. Returns it with its new version.

        `booked`: also raise Conflict if the booked sum has changed, because somebody granted money for another order.
        `once` names an external event (a webhook's id): AlreadyDone is raised if it was recorded before. Due sets and
        indexes follow from the difference of the two documents, by `lifecycle` and `next_step`.
        """

    def ref_of_cart(self, cart_id: str) -> str | None:
        """The ref of the order that was placed for this cart, if any."""

    def ref_of_intent(self, intent_id: str) -> str | None: ...

    def load_many(self, refs: Sequence[str]) -> list[Order]:
        """Raises UnknownOrder for the first ref that does not exist."""

    def refs_of_person(self, *, email: str | None = None, phone: str | None = None, limit: int) -> list[str]:
        """The newest orders with this e-mail address or this phone number; newest first."""

    def timeline(self, ref: str) -> list[Event]:
        """Oldest first."""

    def booked(self, kind: GrantKind, incident: str, currency: str) -> Booked:
        """The total granted of this kind for orders of the incident."""

    def keep_unclaimed(self, event_id: str, payload: bytes) -> None:
        """Put a webhook that matches no order of ours into the inbox for a person to read; once per id."""

    def unclaimed(self) -> dict[str, bytes]:
        """The webhooks in the inbox, by event id."""

    def drop_unclaimed(self, event_ids: Sequence[str]) -> None: ...

    def count_due(self, queue: Queue, ahead: timedelta = timedelta()) -> int: ...

    def claim_due(self, queue: Queue, lease: timedelta, limit: int) -> list[str]:
        """At most `limit` due refs; each is leased for `lease`, so that work of a dead worker becomes due again.

        Orders for the primary are sorted by the end of their authorization, then, as in all queues, by due time.
        """
