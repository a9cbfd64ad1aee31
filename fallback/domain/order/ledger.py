"""The port of the ledger, the only truth about orders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.grants import Booked, GrantKind
from fallback.domain.order.order import Event, Order, Queue


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
