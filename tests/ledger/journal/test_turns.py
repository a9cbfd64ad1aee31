"""How processes of one machine take turns, and what is refused while a directory or a segment is made."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import Entry
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import directory, segment, writer
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


def test_a_lock_that_cannot_be_had_is_not_asked_for_again(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, asked = a_journal(tmp_path), []

    def fails(_: int, operation: int) -> None:
        asked.append(operation)
        raise OSError(errno.ENOLCK, os.strerror(errno.ENOLCK))

    monkeypatch.setattr(fcntl, "flock", fails)
    with pytest.raises(TryAgain):
        journal.keep(taken())
    assert asked == [IN_TURN]


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


def test_a_record_that_the_disk_refused_is_cut_off_and_none_before_it(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, entry = a_journal(tmp_path), taken()
    journal.keep(entry)
    size = segments(tmp_path)[0].stat().st_size

    def broken(_: int) -> None:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(TryAgain):
        journal.keep(taken(1))
    assert segments(tmp_path)[0].stat().st_size == size
    assert replayed(journal) == [entry]


def test_the_last_order_may_fill_the_journal_to_its_limit(tmp_path: Path) -> None:
    entry = taken()
    needed = len(segment.encode(entry))
    with pytest.raises(TryAgain):
        a_journal(tmp_path, limit=needed - 1).keep(entry)
    assert a_journal(tmp_path, limit=needed).keep(entry) is None


def test_a_segment_ends_with_the_record_that_makes_it_too_long(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    entry = taken()
    a_journal(tmp_path / "for its size").keep(entry)
    monkeypatch.setattr(writer, "LONGEST_SEGMENT", segments(tmp_path / "for its size")[0].stat().st_size)
    journal = a_journal(tmp_path)
    for each, number in ((entry, 1), (taken(1), 1), (taken(2), 2)):
        journal.keep(each)
        assert len(segments(tmp_path)) == number


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


def test_the_first_process_makes_the_directory_and_those_above_it(tmp_path: Path) -> None:
    assert a_journal(tmp_path / "of/one shop").state().takes == "nothing"


def test_a_directory_that_another_process_makes_at_the_same_moment_is_shared(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    a_journal(tmp_path)
    seen = iter([False])
    monkeypatch.setattr(Path, "is_dir", lambda _: next(seen, True))
    assert a_journal(tmp_path).state().takes == "nothing"


def test_who_looks_has_to_be_allowed_to_read_write_and_enter(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    with pytest.raises(FileNotFoundError, match=rf"Errno {errno.ENOENT}. .*is not there"):
        a_journal(tmp_path, serves=False)
    a_journal(tmp_path)
    monkeypatch.setattr(os, "access", lambda _, how: how != os.R_OK | os.W_OK | os.X_OK)
    with pytest.raises(PermissionError, match=rf"Errno {errno.EACCES}. Permission denied"):
        a_journal(tmp_path, serves=False)
