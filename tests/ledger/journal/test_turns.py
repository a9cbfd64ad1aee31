"""How processes of one machine take turns, and what the disk may refuse while a segment is made or removed."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import Entry
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import directory
from tests.ledger.journal.keeping import a_journal, replayed, segments, taken

IN_TURN = fcntl.LOCK_EX | fcntl.LOCK_NB


class Lock:
    """Taken by another process so many times."""

    def __init__(self, monkeypatch: pytest.MonkeyPatch, taken: int) -> None:
        self.taken, self.asked = taken, 0
        self._flock = fcntl.flock
        monkeypatch.setattr(fcntl, "flock", self)

    def __call__(self, descriptor: int, operation: int) -> None:
        if operation == IN_TURN:
            self.asked += 1
            if self.asked <= self.taken:
                raise BlockingIOError(errno.EWOULDBLOCK, "taken")
        self._flock(descriptor, operation)


def test_a_process_waits_for_its_turn_and_says_nothing_of_it(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(directory, "PATIENCE", 60.0)
    journal, lock = a_journal(tmp_path), Lock(monkeypatch, taken=3)
    with capture_logs() as logs:
        for second in range(3):
            assert journal.keep(taken(second)) is None
    assert (logs, lock.asked) == ([], 3 + 3)


def test_after_a_turn_that_never_came_it_asks_once_and_does_not_wait(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PATIENCE", 0.0)
    journal, lock = a_journal(tmp_path), Lock(monkeypatch, taken=3)
    journal.keep(taken())
    monkeypatch.setattr(directory, "PATIENCE", 60.0)
    before = lock.asked
    journal.keep(taken(1))
    assert lock.asked == before + 1


def test_a_disk_that_makes_no_segment_is_logged_with_its_own_words(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = a_journal(tmp_path)

    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fsync", broken)
    with capture_logs() as logs, pytest.raises(TryAgain):
        journal.keep(taken())
    assert [(line["event"], line["reason"]) for line in logs] == [("journal_not_written", "Input/output error")]


def test_a_segment_that_somebody_removes_while_it_is_replayed_is_done(tmp_path: Path) -> None:
    journal, entry = a_journal(tmp_path), taken()
    journal.keep(entry)

    def is_removed(_: Entry) -> bool:
        segments(tmp_path)[0].unlink()
        return True

    with capture_logs() as logs:
        assert journal.replay(is_removed) == 1
    assert [line["event"] for line in logs] == ["journal_replayed"]
    assert replayed(journal) == []
