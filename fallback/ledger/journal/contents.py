"""What the segments of this machine contain now, also those of other processes: for those who ask for one order."""

from __future__ import annotations

from collections.abc import Container, Iterator
from contextlib import suppress
from datetime import datetime
from pathlib import Path
from threading import Lock
from typing import NamedTuple

from fallback.domain.checkout.journal import CancelAsked, Journalled, Taken
from fallback.ledger.journal import segment
from fallback.ledger.journal.directory import Directory
from fallback.ledger.journal.segment import ENTRY, IN_BRIEF, Found, InBrief, KeyMissing, TakenInBrief
from fallback.ledger.redis.crypto import Crypto


class _Place(NamedTuple):
    segment: Path
    begin: int


class _Read:
    """How far a segment was read, and what is in it."""

    def __init__(self) -> None:
        self.end = 0
        self.unreadable = False
        self.found: list[Found[InBrief]] = []


class Contents:
    """Thread safe. Each question first reads what was added since the last one."""

    def __init__(self, directory: Directory, crypto: Crypto) -> None:
        self._directory, self._crypto = directory, crypto
        self._lock = Lock()
        self._read: dict[Path, _Read] = {}
        self._refs: dict[str, _Place] = {}
        self._keys: dict[str, str] = {}
        self._carts: dict[str, list[str]] = {}
        self._cancelled: dict[str, datetime] = {}
        # Never changed, only replaced: `some_beside` reads it without the lock.
        self._with_orders: frozenset[Path] = frozenset()

    def of_ref(self, ref: str) -> Journalled | None:
        with self._lock:
            self._refresh()
            return self._journalled(ref)

    def some_beside(self, left_over: Container[Path]) -> bool:
        """Whether there were orders in other segments at the last question; nothing is read."""
        return any(path not in left_over for path in self._with_orders)

    def first_of(self, key: str, cart_id: str) -> Taken | None:
        """The order with this key, else the first for this purchase that was not cancelled."""
        with self._lock:
            self._refresh()
            if found := self._journalled(self._keys.get(key, "")):
                return found.taken
            standing = (self._journalled(ref) for ref in self._carts.get(cart_id, ()) if ref not in self._cancelled)
            return min((each.taken for each in standing if each), key=lambda taken: taken.at, default=None)

    def figures(self) -> tuple[int, datetime | None, int]:
        """The number of entries, the time of the oldest, and the number of segments that no key opens."""
        with self._lock:
            self._refresh()
            times = [_at(found.content) for read in self._read.values() for found in read.found]
            return len(times), min(times, default=None), sum(read.unreadable for read in self._read.values())

    def _journalled(self, ref: str) -> Journalled | None:
        place = self._refs.get(ref)
        if place is None:
            return None
        with suppress(FileNotFoundError):
            first = next(segment.records(self._crypto, place.segment, ENTRY, place.begin), None)
            if isinstance(first, Found) and isinstance(first.content, Taken):
                return Journalled(first.content, self._cancelled.get(ref))
        return None

    def _refresh(self) -> None:
        there = dict(self._sizes())
        # A segment whose last record could not be kept is shorter than it was.
        if gone := [path for path, read in self._read.items() if there.get(path, -1) < read.end]:
            for path in gone:
                del self._read[path]
            self._index_anew()
        for path, size in there.items():
            read = self._read.setdefault(path, _Read())
            if size > read.end:
                with suppress(FileNotFoundError):
                    self._read_on(path, read)

    def _sizes(self) -> Iterator[tuple[Path, int]]:
        for path in self._directory.segments():
            with suppress(FileNotFoundError):
                yield path, path.stat().st_size

    def _read_on(self, path: Path, read: _Read) -> None:
        read.unreadable = False
        try:
            for found in segment.records(self._crypto, path, IN_BRIEF, read.end):
                if isinstance(found, Found):
                    read.found.append(found)
                    self._index(path, found)
                elif found.torn:  # or still being written
                    break
                read.end = found.end
        except FileNotFoundError:  # replayed meanwhile
            raise
        except (KeyMissing, OSError):
            read.unreadable = True

    def _index_anew(self) -> None:
        for index in (self._refs, self._keys, self._carts, self._cancelled):
            index.clear()
        self._with_orders = frozenset()
        for path, read in self._read.items():
            for found in read.found:
                self._index(path, found)

    def _index(self, path: Path, found: Found[InBrief]) -> None:
        match found.content:
            case TakenInBrief(order, key):
                self._with_orders |= {path}
                self._refs[order.ref] = _Place(path, found.begin)
                self._keys.setdefault(key, order.ref)
                self._carts.setdefault(order.cart_id, []).append(order.ref)
            case CancelAsked(ref, at):
                self._cancelled.setdefault(ref, at)


def _at(content: InBrief) -> datetime:
    return content.at if isinstance(content, CancelAsked) else content.order.received_at
