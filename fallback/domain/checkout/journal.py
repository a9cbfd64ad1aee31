"""The port of the journal: orders that this machine has on its own disk, because the ledger takes none now.

An order that a customer was promised from here becomes an order like any other once the ledger is back
(ops/decisions/journal.md).
"""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import datetime
from pathlib import PurePath
from typing import Annotated, Literal, Protocol

from msgspec import Meta, Struct

from fallback.domain.errors import TryAgain, UnknownOrder
from fallback.domain.order.exposure import Terms, refused_alone
from fallback.domain.order.ledger import Accepted, CartTaken, KeyReused, Ledger, Outcome
from fallback.domain.order.order import Order

# Bytes; the largest request for one is smaller.
ROOM_FOR_AN_ORDER = 2**17


class JournalSettings(Struct, frozen=True, rename={"directory": "fallback_journal", "limit_mb": "fallback_journal_mb"}):
    """Without a directory there is no journal."""

    directory: str = ""
    limit_mb: Annotated[int, Meta(ge=1)] = 256

    def problems(self) -> Iterator[str]:
        if self.directory and not PurePath(self.directory).is_absolute():
            yield "FALLBACK_JOURNAL: give the whole path, from / on: all processes of a machine must find the same one."


class Taken(Struct, frozen=True, tag="taken"):
    """An order, as the customer was promised it; `key` and `fingerprint` are those of the request."""

    order: Order
    key: str
    fingerprint: str

    @property
    def ref(self) -> str:
        return self.order.ref

    @property
    def at(self) -> datetime:
        return self.order.received_at


class CancelAsked(Struct, frozen=True, tag="cancel_asked"):
    """The customer cancelled an order of the journal."""

    ref: str
    at: datetime


Entry = Taken | CancelAsked


class Journalled(Struct, frozen=True):
    """An order that only the journal has. `cancel_asked`: since when the customer does not want it any more."""

    taken: Taken
    cancel_asked: datetime | None = None


class JournalState(Struct, frozen=True):
    """What the journal of this machine holds. `size`, `limit`, `disk_free`: bytes.

    `set_aside`: parts that could not be read, each in a file of its own. `unreadable`: segments that no key of ours
    opens, or that may not be read. `free`: what can still be written. `broken`: it cannot be written or read now.
    """

    directory: str
    entries: int
    size: int
    limit: int
    disk_free: int
    oldest: datetime | None
    set_aside: int
    unreadable: int
    broken: bool = False

    @property
    def free(self) -> int:
        return max(0, min(self.limit - self.size, self.disk_free))

    @property
    def sign(self) -> JournalSign | None:
        """None: there is nothing to say."""
        sign = JournalSign(self.entries, self.oldest, self.set_aside + self.unreadable)
        return sign if sign.entries or sign.unread else None

    @property
    def has_room(self) -> bool:
        return not self.broken and self.free >= ROOM_FOR_AN_ORDER

    @property
    def takes(self) -> Literal["nothing", "orders", "full", "broken"]:
        if self.broken:
            return "broken"
        return "full" if not self.has_room else "orders" if self.entries else "nothing"


class JournalSign(Struct, frozen=True):
    """What the journal of a machine still has while the ledger is there. `unread`: parts that could not be read."""

    entries: int
    oldest: datetime | None
    unread: int


class Journal(Protocol):
    """Thread safe; several processes of one machine share one journal.

    `away`: orders go to the journal without asking the ledger first.
    """

    away: bool

    @property
    def holds(self) -> bool:
        """Whether it had orders at the last look that are still to be given to the ledger: asking costs nothing.

        One that the ledger was given and did not take does not count; it is given again, and `state` counts it.
        """

    def look(self) -> None:
        """For `holds`. Never raises."""

    def keep(self, entry: Entry) -> Taken | None:
        """It is on disk when this returns; or it is not kept, and this is the order that was `first_of` its kind.

        Raises TryAgain: the journal is full, or its disk is broken.
        """

    def of_ref(self, ref: str) -> Journalled | None: ...

    def first_of(self, taken: Taken) -> Taken | None:
        """The order that has its key; else the first for its purchase that was not cancelled."""

    def replay(self, take: Callable[[Entry], bool]) -> int:
        """Give each entry, oldest first, to `take`, and forget it if that returns True. Returns how many it took.

        Entries of a process that still adds to them are left out; its own replay gives them. One process of a machine
        replays at a time; for the others there is nothing to do. Raises what `take` raises as TryAgain, but not as
        Unreadable.
        """

    def state(self) -> JournalState: ...


class SecondRefs(Protocol):
    """Refs that were promised for a purchase which another order stands for. Each call may raise TryAgain."""

    def lead(self, ref: str, first: str) -> None:
        """Who has the link of `ref` is led to the order `first`."""

    def first_of(self, ref: str) -> str | None: ...


def accept(ledger: Ledger, journal: Journal | None, order: Order, key: str, fingerprint: str, terms: Terms) -> Outcome:
    """The ledger takes the order, or the journal while the ledger takes none.

    Raises RefTaken, and TryAgain if neither takes it. If only the ledger's response was lost, both have the order:
    replaying finds the same ref under the same key.
    """
    if journal is None:
        return ledger.accept(order, key, fingerprint, terms)
    taken = Taken(order, key, fingerprint)
    first = journal.first_of(taken) if journal.away or journal.holds else None
    if first and (journal.away or not _has(ledger, first.ref)):
        return _known(taken, first)
    if not journal.away:
        try:
            return ledger.accept(order, key, fingerprint, terms)
        except TryAgain:
            journal.away = True  # the next customers do not wait for the same
    if refused := refused_alone(order, terms):
        return refused
    first = journal.keep(taken)  # an equal request may have been faster
    return _known(taken, first) if first else Accepted(order.ref, order.received_at)


def _has(ledger: Ledger, ref: str) -> bool:
    """Whether it was replayed already, though others of its segment were not: the ledger knows what became of it."""
    try:
        ledger.load(ref)
    except (UnknownOrder, TryAgain):
        return False
    return True


def _known(taken: Taken, first: Taken) -> Outcome:
    """As far as this machine knows, the answer is that of the ledger; the rest is decided when that has the order."""
    if taken.key != first.key:
        return CartTaken(first.ref)
    same = taken.fingerprint == first.fingerprint
    return Accepted(first.ref, first.at, replayed=True) if same else KeyReused()
