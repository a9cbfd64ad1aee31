"""The journal on disk: keeps orders while Redis takes none, and gives them back once it does."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import ExitStack
from heapq import merge
from pathlib import Path
from time import monotonic

from fallback.domain.checkout.journal import Entry, Journalled, JournalState, Taken
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import segment
from fallback.ledger.journal.contents import Contents
from fallback.ledger.journal.directory import Directory
from fallback.ledger.journal.frames import Gap
from fallback.ledger.journal.segment import ENTRY, Found
from fallback.ledger.journal.writer import Writer
from fallback.ledger.redis.crypto import Crypto
from fallback.runtime.logs import get_logger

# Seconds until a segment is tried again of which an entry failed by a bug.
AFTER_A_BUG = 30.0

log = get_logger()


class DiskJournal:
    """Implements checkout.journal.Journal. `limit`: of its directory, in bytes."""

    def __init__(self, path: Path, crypto: Crypto, limit: int) -> None:
        self.away = False
        self._directory, self._crypto, self._limit = Directory(path), crypto, limit
        self._contents = Contents(self._directory, crypto)
        self._writer = Writer(self._directory, self._seal, limit)
        self._told_of: set[Path] = set()
        self._not_before: dict[Path, float] = {}

    def keep(self, entry: Entry) -> None:
        self._writer.write(segment.encode(entry))

    def of_ref(self, ref: str) -> Journalled | None:
        return self._contents.of_ref(ref)

    def of_key(self, key: str) -> Taken | None:
        return self._contents.of_key(key)

    def of_cart(self, cart_id: str) -> Taken | None:
        return self._contents.of_cart(cart_id)

    def replay(self, take: Callable[[Entry], bool]) -> int:
        self._writer.close()
        if not self._directory.segments():
            return 0
        with self._directory.replaying() as ours, ExitStack() as locks:
            if not ours:
                return 0
            complete = [path for path in self._directory.segments() if self._is_complete(path, locks)]
            return self._take_all(complete, take)

    def state(self) -> JournalState:
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
        if locks.enter_context(self._directory.complete(path)) is None:
            return False
        if segment.has_key(self._crypto, path):
            return True
        if path not in self._told_of:
            log.error("journal_key_missing", reason=path.name)
        self._told_of.add(path)
        return False

    def _take_all(self, complete: list[Path], take: Callable[[Entry], bool]) -> int:
        """What is left is replayed again as a whole segment: `take` changes nothing the second time."""
        taken, kept = 0, set[Path]()
        streams = [self._until_taken(path, kept) for path in complete]
        for entry, path in merge(*streams, key=lambda each: each[0].at):
            try:
                if take(entry):
                    taken += 1
                else:
                    kept.add(path)
            except TryAgain:
                raise
            except Exception as error:  # the others do not wait for a bug
                log.error("journal_entry_failed", ref=entry.ref, exc_info=error)
                kept.add(path)
                self._not_before[path] = monotonic() + AFTER_A_BUG
        if taken:
            log.info("journal_replayed", count=taken)
        return taken

    def _until_taken(self, path: Path, kept: set[Path]) -> Iterator[tuple[Entry, Path]]:
        """Its entries. Who asks for the next one has taken the one before, so at the end the segment is removed."""
        for found in segment.records(self._crypto, path, ENTRY):
            if isinstance(found, Found):
                yield found.content, path
            elif found.torn:
                log.warning("journal_cut_off", reason=f"{path.name}: {found.end - found.begin} bytes")
            else:
                self._set_aside(path, found)
        if path not in kept:
            self._directory.remove(path)

    def _set_aside(self, path: Path, gap: Gap) -> None:
        with path.open("rb") as file:
            file.seek(gap.begin)
            data = file.read(gap.end - gap.begin)
        where = self._directory.set_aside(path, gap.begin, data)
        log.error("journal_damaged", reason=f"{where.name}: {len(data)} bytes")

    def _seal(self, record: bytes, name: str) -> bytes:
        return segment.seal(self._crypto, record, name)
