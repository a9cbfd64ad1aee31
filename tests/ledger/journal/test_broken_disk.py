"""A disk that takes nothing is told at once, and nothing that it did not take is called kept."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fallback.domain.checkout.journal import JournalState
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import writer
from tests.ledger.journal.keeping import MB, a_journal, replayed, segments, taken


def test_beyond_its_limit_it_takes_nothing(tmp_path: Path) -> None:
    journal, entry = a_journal(tmp_path, limit=1_500), taken()
    journal.keep(entry)
    with pytest.raises(TryAgain, match="limit"):
        journal.keep(taken(1))
    assert journal.state().size < 1_500
    assert replayed(journal) == [entry]


@pytest.mark.parametrize("call", ["write", "fdatasync"])
def test_a_broken_disk_costs_what_it_did_not_take_alone(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, call: str
) -> None:
    """No space is left after half of a record; or the disk says that it did not keep it."""
    journal, first, lost, last = a_journal(tmp_path), taken(0), taken(1), taken(2)
    journal.keep(first)
    monkeypatch.setattr(writer.os, call, breaking(call))
    with pytest.raises(TryAgain, match="cannot be written"):
        journal.keep(lost)
    journal.keep(last)
    assert replayed(journal) == [first, last]
    assert journal.state().set_aside == 0


def breaking(call: str) -> Callable[..., Any]:
    """It fails once, a write after half of the data; then it works."""
    real, works = getattr(os, call), iter([True, False] if call == "write" else [False])

    def once(descriptor: int, *data: bytes) -> Any:
        answer = next(works, None)
        if answer is False:
            raise OSError(28, "No space left on device")
        return real(descriptor, *(each[: len(each) // 2] if answer else each for each in data))

    return once


def test_a_directory_that_is_gone_is_a_state_and_not_an_error(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    shutil.rmtree(tmp_path / "journal")
    state = journal.state()
    assert state == JournalState(
        *(str(tmp_path / "journal"), 0, 0, MB, 0, None), set_aside=0, unreadable=1, broken=True
    )
    assert (state.has_room, state.takes) == (False, "broken")
    assert (journal.first_of(taken()), journal.of_ref("FB-1"), replayed(journal)) == (None, None, [])
    with pytest.raises(TryAgain):
        journal.keep(taken())
    (tmp_path / "journal").mkdir()
    assert (journal.state().directory, journal.state().takes) == (state.directory, "nothing")


def test_nothing_is_written_to_a_segment_that_somebody_removed(tmp_path: Path) -> None:
    journal, entry = a_journal(tmp_path), taken(1)
    journal.keep(taken())
    [segment] = segments(tmp_path)
    segment.unlink()
    journal.keep(entry)
    assert replayed(journal) == [entry]


def test_a_disk_that_takes_nothing_is_broken_until_it_takes_something(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = a_journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "open", read_only)
        with pytest.raises(TryAgain):
            journal.keep(taken())
        assert journal.state().takes == "broken"
    assert journal.state().takes == "nothing"


def test_a_disk_that_takes_something_again_is_not_tried_by_those_who_look(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal = a_journal(tmp_path)

    def breaks() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "open", read_only)
            with pytest.raises(TryAgain):
                journal.keep(taken())

    def is_only_looked_at() -> None:
        with monkeypatch.context() as patch:
            patch.setattr(os, "fsync", lambda _: pytest.fail("it was written to"))
            assert journal.state().takes != "broken"

    breaks()
    journal.state()
    is_only_looked_at()
    breaks()
    journal.keep(taken())
    is_only_looked_at()


def test_a_directory_that_cannot_be_written_is_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal").mkdir()
    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(OSError, match="Read-only"):
        a_journal(tmp_path)


_open = os.open


def read_only(path: Any, flags: int, mode: int = 0o777) -> int:
    if flags & os.O_CREAT:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    return _open(path, flags, mode)


def test_what_another_process_is_making_stays(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, entry, rename = a_journal(tmp_path), taken(), Path.rename

    def as_another_begins(made: Path, path: Path) -> Path:
        a_journal(tmp_path)
        return rename(made, path)

    monkeypatch.setattr(Path, "rename", as_another_begins)
    journal.keep(entry)
    assert replayed(journal) == [entry]


def test_what_is_taken_for_left_behind_before_it_has_its_lock_is_made_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, entry, flock = a_journal(tmp_path), taken(), fcntl.flock

    def as_another_begins(descriptor: int, operation: int) -> None:
        if operation == fcntl.LOCK_EX:
            monkeypatch.setattr(fcntl, "flock", flock)
            a_journal(tmp_path)
        flock(descriptor, operation)

    monkeypatch.setattr(fcntl, "flock", as_another_begins)
    journal.keep(entry)
    assert replayed(journal) == [entry]


def test_a_file_that_the_disk_did_not_take_whole_is_removed(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    a_journal(tmp_path)
    with monkeypatch.context() as patch:
        patch.setattr(os, "fsync", no_space)
        with pytest.raises(OSError, match="No space"):
            a_journal(tmp_path)
    assert not list((tmp_path / "journal").glob("*.new"))


def no_space(_: int) -> None:
    raise OSError(errno.ENOSPC, os.strerror(errno.ENOSPC))
