"""Writes records to this process's segment: those that wait at the same moment share one wait for the disk.

The shape is that of redis/group_commit.py: a caller that finds nobody writing writes at once; the first of those that
come during a write writes for all of them.
"""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path
from threading import Lock

from fallback.domain.checkout.journal import Taken
from fallback.domain.errors import TryAgain
from fallback.ledger.journal.directory import Directory
from fallback.ledger.journal.frames import framed
from fallback.runtime.logs import get_logger

# A segment is replayed, and then removed, as a whole.
LONGEST_SEGMENT = 8 * 2**20

log = get_logger()


class JournalFull(TryAgain):
    """It has reached its limit, or its disk takes nothing more."""


class _Waiting:
    """`turn` is released when the record is on disk or refused, or when its thread is to write for all that wait."""

    __slots__ = ("done", "error", "first", "known", "record", "turn")

    def __init__(self, record: bytes, known: Callable[[], Taken | None]) -> None:
        self.record, self.known = record, known
        self.first: Taken | None = None
        self.done = False
        self.error: Exception | None = None
        self.turn = Lock()
        self.turn.acquire()


class Writer:
    """Thread safe. `seal`: encrypts a record for the segment of this name. `limit`: of the whole directory, in bytes.

    No two processes write to one segment.
    """

    def __init__(self, directory: Directory, seal: Callable[[bytes, str], bytes], limit: int) -> None:
        self._directory, self._seal, self._limit = directory, seal, limit
        self._waiting: list[_Waiting] = []
        self._line, self._file = Lock(), Lock()
        self._writing = False
        self.broken = False  # nothing could be written the last time
        self._segment: tuple[Path, int] | None = None
        self._end = 0

    def write(self, record: bytes, known: Callable[[], Taken | None]) -> Taken | None:
        """It is on disk when this returns; or it is not written, because `known` found this before.

        `known` is asked while no other process of this machine writes. Raises JournalFull.
        """
        mine = _Waiting(record, known)
        with self._line:
            self._waiting.append(mine)
            others_write, self._writing = self._writing, True
        if others_write:
            mine.turn.acquire()
        if not mine.done:
            self._write_all()
        if mine.error:
            raise mine.error
        return mine.first

    def close(self) -> None:
        """The segment is complete: whoever replays may take it. The next record begins another."""
        with self._file:
            self._close()

    def _close(self) -> None:
        if self._segment:
            os.close(self._segment[1])
            self._segment = None

    def _write_all(self) -> None:
        with self._line:
            batch, self._waiting = self._waiting, []
        error: Exception | None = JournalFull("the writer was interrupted")
        try:
            with self._file, self._directory.writing():
                self._append(batch)
            error, self.broken = None, False
        except OSError as broken:
            self.broken = True
            log.error("journal_not_written", reason=os.strerror(broken.errno or 0))
            error = JournalFull("the journal cannot be written")
        except JournalFull as full:
            error = full
        finally:
            self._hand_out(batch, error)

    def _hand_out(self, batch: list[_Waiting], error: Exception | None) -> None:
        with self._line:
            following = self._waiting[:1]
            self._writing = bool(following)
        for waiting in batch:
            waiting.done, waiting.error = True, error
            waiting.turn.release()
        for waiting in following:
            waiting.turn.release()

    def _append(self, batch: list[_Waiting]) -> None:
        if self._directory.size() + sum(len(waiting.record) for waiting in batch) > self._limit:
            raise JournalFull("the journal has reached its limit")
        if self._segment and os.fstat(self._segment[1]).st_nlink == 0:  # removed by hand: nobody would find the records
            self._close()
        if self._segment is None:
            self._segment, self._end = self._directory.new_segment(), 0
        path, descriptor = self._segment
        added = 0
        try:
            for waiting in batch:
                waiting.first = waiting.known()
                if waiting.first is None:
                    data = framed(self._seal(waiting.record, path.stem))
                    _write_fully(descriptor, data)
                    added += len(data)
            if added:
                os.fdatasync(descriptor)
        except BaseException:
            # Nobody was promised these records. What the disk has of them is not known after a failed sync, or a bug,
            # so the segment ends here.
            self._give_up(descriptor)
            raise
        self._end += added
        if self._end > LONGEST_SEGMENT:
            self._close()

    def _give_up(self, descriptor: int) -> None:
        self._segment = None
        try:
            os.ftruncate(descriptor, self._end)
        finally:
            os.close(descriptor)


def _write_fully(descriptor: int, data: bytes) -> None:
    """A disk that is nearly full may take only a part at first."""
    rest = memoryview(data)
    while rest:
        rest = rest[os.write(descriptor, rest) :]
