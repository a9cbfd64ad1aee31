"""The journal on disk: keeps orders while Redis takes none, and gives them back once it does."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from concurrent.futures import ThreadPoolExecutor
from contextlib import ExitStack, suppress
from functools import partial
from heapq import merge
from pathlib import Path
from time import monotonic
from typing import NamedTuple

from fallback.domain.checkout.journal import CancelAsked, Entry, Journalled, JournalState, Taken
from fallback.domain.errors import TryAgain, Unreadable
from fallback.ledger.journal import segment
from fallback.ledger.journal.contents import Contents
from fallback.ledger.journal.directory import Directory
from fallback.ledger.journal.frames import Gap
from fallback.ledger.journal.segment import ENTRY, Found, KeyMissing
from fallback.ledger.journal.writer import Writer
from fallback.ledger.redis.crypto import Crypto
from fallback.runtime.logs import get_logger

# Seconds until a segment is tried again of which an entry failed by a bug, or by an order that cannot be read.
AFTER_A_BUG = 30.0
# The same while an entry waits for what becomes of another order: those behind it are given once more each time.
WHILE_ONE_WAITS = 5.0

# So many entries are taken at the same time, and share the waits for the disk of Redis.
TOGETHER = 16
# So many segments are read side by side, the oldest first: a long outage leaves more than should be open.
SIDE_BY_SIDE = 32

log = get_logger()


class _Each(NamedTuple):
    """An entry, the segment it is in, and where it ends there."""

    entry: Entry
    path: Path
    end: int


class DiskJournal:
    """Implements checkout.journal.Journal. `limit`: of its directory, in bytes.

    `serves`: the directory is made if it is not there, and named after `shop`. Raises OSError: it cannot be used.
    """

    def __init__(self, path: Path, shop: str, crypto: Crypto, limit: int, serves: bool = True) -> None:
        self.away = False
        self._directory, self._crypto, self._limit = Directory(path, shop), crypto, limit
        self._contents = Contents(self._directory, crypto)
        self._writer = Writer(self._directory, self._seal, limit)
        if serves:
            self._directory.begin()
        else:
            self._directory.look()
        self._told_of: set[Path] = set()
        self._not_before: dict[Path, float] = {}
        # Segments that stayed though each of their orders was given, or that cannot be read.
        self._left_over: set[Path] = set()
        # How far a segment was taken before Redis went away again.
        self._taken_until: dict[Path, int] = {}

    @property
    def holds(self) -> bool:
        return self._contents.some_beside(self._left_over)

    def look(self) -> None:
        with suppress(OSError):
            self._contents.figures()

    def keep(self, entry: Entry) -> Taken | None:
        def known() -> Taken | None:
            if isinstance(entry, CancelAsked):
                return None
            return self._contents.first_of(entry.key, entry.order.cart_id)

        return self._writer.write(segment.encode(entry), known)

    def of_ref(self, ref: str) -> Journalled | None:
        return self._contents.of_ref(ref)

    def first_of(self, taken: Taken) -> Taken | None:
        with suppress(OSError):  # the ledger may take the order; `keep` does not take it without having looked
            return self._contents.first_of(taken.key, taken.order.cart_id)
        return None

    def replay(self, take: Callable[[Entry], bool]) -> int:
        self._writer.close()
        if not self._directory.segments():
            return 0
        self._directory.check()
        with self._directory.replaying() as ours:
            if not ours:
                return 0
            segments, taken = self._directory.segments(), 0
            for first in range(0, len(segments), SIDE_BY_SIDE):
                with ExitStack() as locks:
                    some = segments[first : first + SIDE_BY_SIDE]
                    taken += self._take_all([path for path in some if self._is_complete(path, locks)], take)
            return taken

    def state(self) -> JournalState:
        """Never raises: whether web serves does not depend on the journal."""
        try:
            return self._state()
        except OSError:
            where = str(self._directory.path)
            return JournalState(where, 0, 0, self._limit, 0, None, set_aside=0, unreadable=1, broken=True)

    def _state(self) -> JournalState:
        self._directory.check()
        if self._writer.broken:  # the disk may be back
            self._directory.try_writing()
            self._writer.broken = False
        entries, oldest, unreadable = self._contents.figures()
        return JournalState(
            directory=str(self._directory.path),
            entries=entries,
            size=self._directory.size(),
            limit=self._limit,
            disk_free=self._directory.disk_free(),
            oldest=oldest,
            set_aside=len(self._directory.damaged()),
            unreadable=unreadable,
        )

    # --- replaying

    def _is_complete(self, path: Path, locks: ExitStack) -> bool:
        """Whether no process writes to it, and its key is there. Its lock is then ours."""
        if self._not_before.get(path, 0) > monotonic():
            return False
        try:
            if locks.enter_context(self._directory.complete(path)) is None:
                return False
            if segment.has_key(self._crypto, path):
                return True
            reason = path.name
        except OSError as error:
            reason = f"{path.name}: {error.strerror}"
        if path not in self._told_of:
            log.error("journal_segment_unread", reason=reason)
        self._told_of.add(path)
        return False

    def _take_all(self, complete: list[Path], take: Callable[[Entry], bool]) -> int:
        """What was taken and is not known to be is given once more: `take` changes nothing the second time."""
        taken, kept, read = 0, set[Path](), list[Path]()
        streams = [self._entries(path, read) for path in complete]
        with ThreadPoolExecutor(TOGETHER, thread_name_prefix="replay") as threads:
            for group in independent(merge(*streams, key=lambda each: each.entry.at)):
                for each, is_there in zip(group, threads.map(partial(self._take, take), group), strict=True):
                    taken += is_there
                    if not is_there:
                        kept.add(each.path)
                        if each.path in self._left_over:  # it waited before
                            again = monotonic() + WHILE_ONE_WAITS
                            self._not_before[each.path] = max(self._not_before.get(each.path, 0), again)
                    elif each.path not in kept:
                        self._taken_until[each.path] = each.end
                self._forget(read, kept)
        self._forget(read, kept)
        self._left_over |= kept
        if taken:
            log.info("journal_replayed", count=taken)
        return taken

    def _forget(self, read: list[Path], kept: set[Path]) -> None:
        for path in set(read) - kept:
            try:
                self._directory.remove(path)
            except OSError as error:
                self._put_off(path, error)
            else:
                self._taken_until.pop(path, None)
                self._left_over.discard(path)
        read.clear()

    def _take(self, take: Callable[[Entry], bool], each: _Each) -> bool:
        try:
            return take(each.entry)
        except Exception as error:  # the others do not wait for a bug, or for an order that cannot be read
            if isinstance(error, TryAgain) and not isinstance(error, Unreadable):
                raise
            log.error("journal_entry_failed", ref=each.entry.ref, exc_info=error)
            self._not_before[each.path] = monotonic() + AFTER_A_BUG
            return False

    def _put_off(self, path: Path, error: Exception) -> None:
        """The others do not wait for a segment that cannot be read or removed."""
        log.error("journal_segment_not_done", reason=path.name, exc_info=error)
        self._left_over.add(path)
        self._not_before[path] = monotonic() + AFTER_A_BUG

    def _entries(self, path: Path, read: list[Path]) -> Iterator[_Each]:
        """At its end the segment is noted in `read`: the next entry is asked for when the one before was taken in."""
        try:
            for found in segment.records(self._crypto, path, ENTRY, self._taken_until.get(path, 0)):
                if isinstance(found, Found):
                    yield _Each(found.content, path, found.end)
                elif found.torn:
                    log.warning("journal_cut_off", reason=f"{path.name}: {found.end - found.begin} bytes")
                else:
                    self._set_aside(path, found)
        except (KeyMissing, OSError) as error:
            self._put_off(path, error)
        else:
            read.append(path)

    def _set_aside(self, path: Path, gap: Gap) -> None:
        with path.open("rb") as file:
            file.seek(gap.begin)
            data = file.read(gap.end - gap.begin)
        where = self._directory.set_aside(path, gap.begin, data)
        log.error("journal_damaged", reason=f"{where.name}: {len(data)} bytes")

    def _seal(self, record: bytes, name: str) -> bytes:
        return segment.seal(self._crypto, record, name)


def independent(entries: Iterable[_Each]) -> Iterator[list[_Each]]:
    """In their order, in groups that may be taken at the same time: none is about the purchase or key of another."""
    group, about = list[_Each](), set[str]()
    for each in entries:
        names = _names(each.entry)
        if group and (len(group) == TOGETHER or not names or not about.isdisjoint(names)):
            yield group
            group, about = [], set()
        group.append(each)
        about |= names
        if not names:  # a cancellation is about any order
            yield group
            group = []
    if group:
        yield group


def _names(entry: Entry) -> set[str]:
    return {f"cart {entry.order.cart_id}", f"key {entry.key}"} if isinstance(entry, Taken) else set()
