"""The journal on a real disk: what is kept is there for every process of the machine, until it was taken."""

from __future__ import annotations

import errno
import fcntl
import os
import shutil
from collections.abc import Callable
from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import CancelAsked, Entry, JournalSign
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import journal as journals
from fallback.ledger.journal import segment, writer
from fallback.ledger.journal.contents import Contents
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW
from tests.ledger.journal.keeping import KEY, OLDER_KEY, a_journal, replayed, segments, taken


def test_what_is_kept_is_taken_once_and_then_gone(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(), taken(1), CancelAsked("FB-1", NOW + timedelta(seconds=2))]
    for entry in entries:
        journal.keep(entry)
    assert replayed(journal) == entries
    assert (replayed(journal), segments(tmp_path), journal.state().entries) == ([], [], 0)


def test_nothing_on_the_disk_can_be_read_by_others(tmp_path: Path) -> None:
    a_journal(tmp_path).keep(taken())
    [segment] = segments(tmp_path)
    assert b"Iris" not in segment.read_bytes()
    assert (segment.stat().st_mode & 0o777, segment.parent.stat().st_mode & 0o777) == (0o600, 0o700)


def test_entries_of_all_processes_are_taken_in_the_order_of_their_times(tmp_path: Path) -> None:
    journals, entries = [a_journal(tmp_path) for _ in range(3)], [taken(second) for second in range(9)]
    for at, entry in enumerate(entries):
        journals[at % 3].keep(entry)
    for journal in journals:
        journal.replay(later)
    assert replayed(journals[0]) == entries


def later(_: Entry) -> bool:
    return False


def test_orders_of_different_customers_are_taken_at_the_same_time(tmp_path: Path) -> None:
    journal, meeting = a_journal(tmp_path), Barrier(journals.TOGETHER)
    for second in range(journals.TOGETHER):
        journal.keep(taken(second))
    assert journal.replay(lambda _: meeting.wait(10) >= 0) == journals.TOGETHER


def test_each_order_of_a_segment_is_found_and_what_was_read_is_not_read_again(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, entries, read = a_journal(tmp_path), [taken(0), taken(1)], list[object]()
    for entry in entries:
        journal.keep(entry)
    found = [journal.of_ref(entry.ref) for entry in entries]
    assert [each and each.taken for each in found] == entries

    def is_read(crypto: Crypto, path: Path, decoder: Any, begin: int = 0) -> Any:
        read.append(decoder)
        return records(crypto, path, decoder, begin)

    records = segment.records
    monkeypatch.setattr(segment, "records", is_read)
    assert (journal.of_ref("FB-1"), journal.state().entries, read) == (None, 2, [])


def test_an_order_that_is_cut_off_while_it_is_looked_for_is_not_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, first, second = a_journal(tmp_path), taken(), taken(1)
    journal.keep(first)
    [written] = segments(tmp_path)
    size = written.stat().st_size
    journal.keep(second)
    assert journal.of_ref(second.ref)
    monkeypatch.setattr(Contents, "_refresh", lambda _: os.truncate(written, size))
    assert journal.of_ref(second.ref) is None
    assert journal.of_ref(first.ref)


def test_a_segment_without_its_key_counts_no_more_once_it_is_gone(tmp_path: Path) -> None:
    a_journal(tmp_path, OLDER_KEY).keep(taken())
    journal = a_journal(tmp_path)
    assert journal.state().unreadable == 1
    segments(tmp_path)[0].unlink()
    assert journal.state().unreadable == 0


def test_what_the_ledger_does_not_take_stays(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(0), taken(1)]
    for entry in entries:
        journal.keep(entry)
    seen: list[Entry] = []

    def take(entry: Entry) -> bool:
        if seen:
            raise TryAgain("the ledger is away again")
        seen.append(entry)
        return True

    with pytest.raises(TryAgain):
        journal.replay(take)
    assert replayed(journal) == entries[1:]


def test_an_entry_that_fails_by_a_bug_holds_up_no_other_segment(tmp_path: Path) -> None:
    one, other = a_journal(tmp_path), a_journal(tmp_path)
    broken, whole = taken(0), taken(1)
    one.keep(broken)
    other.keep(whole)
    other.replay(later)
    seen: list[Entry] = []

    def take(entry: Entry) -> bool:
        seen.append(entry)
        if entry == broken:
            raise AssertionError("a bug")
        return True

    with capture_logs() as logs:
        assert one.replay(take) == 1
        assert one.replay(take) == 0  # nobody waits for it, and it is not tried again at once
    assert seen == [broken, whole]
    failed, did = logs
    assert (failed["event"], failed["ref"], type(failed["exc_info"])) == (
        *("journal_entry_failed", broken.ref),
        AssertionError,
    )
    assert (did["event"], did["count"]) == ("journal_replayed", 1)
    assert replayed(a_journal(tmp_path)) == [broken]


def test_one_process_replays_at_a_time(tmp_path: Path) -> None:
    one, other = a_journal(tmp_path), a_journal(tmp_path)
    one.keep(taken())
    beside: list[Entry] = []
    assert one.replay(lambda _: not beside.extend(replayed(other))) == 1
    assert beside == []


def test_a_torn_record_is_cut_off_and_those_before_it_are_taken(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(0), taken(1)]
    journal.keep(entries[0])
    [segment] = segments(tmp_path)
    begin = segment.stat().st_size
    journal.keep(entries[1])
    os.truncate(segment, begin + 100)
    assert a_journal(tmp_path).of_ref(entries[0].ref)
    with capture_logs() as logs:
        assert replayed(journal) == entries[:1]
    assert [line["reason"] for line in logs if line["event"] == "journal_cut_off"] == [f"{segment.name}: 100 bytes"]
    assert (segments(tmp_path), journal.state().set_aside) == ([], 0)


def test_a_damaged_record_is_set_aside_as_it_is_and_counted(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(0), taken(1), taken(2)]
    ends = []
    for entry in entries:
        journal.keep(entry)
        ends.append(segments(tmp_path)[0].stat().st_size)
    [segment] = segments(tmp_path)
    written = bytearray(segment.read_bytes())
    written[ends[0] + 100] ^= 1
    segment.write_bytes(written)
    with capture_logs() as logs:
        assert replayed(journal) == [entries[0], entries[2]]
    [aside] = segment.parent.glob("*.damaged")
    assert [line["reason"] for line in logs if line["event"] == "journal_damaged"] == [
        f"{aside.name}: {ends[1] - ends[0]} bytes"
    ]
    assert aside.read_bytes() == written[ends[0] : ends[1]]
    assert (journal.state().set_aside, segments(tmp_path)) == (1, [])


def test_a_record_of_another_segment_is_none(tmp_path: Path) -> None:
    one, other = a_journal(tmp_path), a_journal(tmp_path)
    one.keep(taken(0))
    [first] = segments(tmp_path)
    other.keep(taken(1))
    second = next(path for path in segments(tmp_path) if path != first)
    second.write_bytes(first.read_bytes())
    assert len(replayed(one)) == 1
    assert replayed(other) == []
    assert one.state().set_aside == 1


def test_a_rotated_key_still_opens_it_and_a_removed_one_is_waited_for(tmp_path: Path) -> None:
    entry, older = taken(), a_journal(tmp_path, OLDER_KEY)
    older.keep(entry)
    older.replay(later)
    without = a_journal(tmp_path, KEY)
    with capture_logs() as logs:
        without.replay(later)
    assert [(line["event"], line["reason"]) for line in logs] == [
        ("journal_segment_unread", segments(tmp_path)[0].name)
    ]
    assert (replayed(without), without.of_ref(entry.ref), without.state().unreadable) == ([], None, 1)
    assert replayed(a_journal(tmp_path, KEY, OLDER_KEY)) == [entry]


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


def test_another_process_that_goes_on_takes_all_of_what_is_left(tmp_path: Path) -> None:
    """It does not know how far the one before came; taking an entry twice changes nothing."""
    journal, entries = a_journal(tmp_path), [taken(0), taken(1)]
    for entry in entries:
        journal.keep(entry)
    journal.replay(lambda entry: entry == entries[0])
    assert replayed(a_journal(tmp_path)) == entries
    assert replayed(journal) == []


def test_what_is_behind_an_entry_that_waits_is_not_given_all_the_time(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(0), taken(1)]
    for entry in entries:
        journal.keep(entry)
    assert [journal.replay(lambda entry: entry == entries[1]) for _ in range(4)] == [1, 1, 0, 0]


def test_many_segments_are_taken_in_turn(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(journals, "SIDE_BY_SIDE", 2)
    monkeypatch.setattr(journals, "WHILE_ONE_WAITS", 0.0)
    journal, entries = a_journal(tmp_path), [taken(second) for second in range(5)]
    for entry in entries:
        journal.keep(entry)
        journal.replay(later)
    assert replayed(journal) == entries


def test_a_long_outage_makes_several_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LONGEST_SEGMENT", 3_000)
    journal, entries = a_journal(tmp_path), [taken(second) for second in range(9)]
    for entry in entries:
        journal.keep(entry)
    assert len(segments(tmp_path)) > 2
    assert journal.state().entries == 9
    assert replayed(journal) == entries


# --- a disk or a directory that is not as it should be


def test_a_segment_that_may_not_be_read_is_counted_and_keeps_no_other_waiting(tmp_path: Path) -> None:
    journal, entry = a_journal(tmp_path), taken()
    journal.keep(entry)
    (tmp_path / "journal" / "20200101T000000-1-aa.segment").mkdir()  # open() fails, as without the right to read it
    assert journal.state().sign == JournalSign(1, entry.at, unread=1)
    assert journal.first_of(entry) == entry
    assert replayed(journal) == [entry]


def test_a_segment_that_is_cut_off_while_it_is_read_ends_no_process(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Its process takes back what the disk did not take, and another one looks at that moment."""
    journal, entries, sizes = a_journal(tmp_path), [taken(number) for number in range(20)], list[int]()
    for entry in entries:
        journal.keep(entry)
        [file] = segments(tmp_path)
        sizes.append(file.stat().st_size)
    frames = segment.frames

    def cut_off_meanwhile(*arguments: Any) -> Any:
        os.truncate(file, sizes[3] + 1)
        return frames(*arguments)

    monkeypatch.setattr(segment, "frames", cut_off_meanwhile)
    child = os.fork()
    if child == 0:
        a_journal(tmp_path).look()
        os._exit(0)
    assert os.waitpid(child, 0) == (child, 0)
    assert a_journal(tmp_path).state().sign == JournalSign(4, entries[0].at, unread=0)


def test_a_part_of_the_disk_that_cannot_be_read_costs_what_is_there(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    broken, journal, entry = a_journal(tmp_path), a_journal(tmp_path), taken(1)
    broken.keep(taken())
    [file] = segments(tmp_path)
    journal.keep(entry)
    journal.replay(lambda _: False)
    pread = os.pread

    def reads(descriptor: int, *arguments: int) -> bytes:
        if os.path.samestat(os.fstat(descriptor), file.stat()):
            raise OSError(errno.EIO, os.strerror(errno.EIO))
        return pread(descriptor, *arguments)

    monkeypatch.setattr(os, "pread", reads)
    broken.replay(lambda _: False)  # it writes no more
    assert replayed(journal) == [entry]
    assert a_journal(tmp_path).state().sign == JournalSign(0, None, unread=1)


def test_a_disk_that_cannot_be_read_stands_in_no_order_s_way(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    journal, entry = a_journal(tmp_path), taken()
    journal.keep(entry)

    def broken(*_: object) -> Any:
        raise OSError(errno.EIO, os.strerror(errno.EIO))

    with monkeypatch.context() as patch:
        patch.setattr(Path, "stat", broken)
        assert journal.first_of(entry) is None
        with pytest.raises(TryAgain):
            journal.keep(taken())
    assert journal.first_of(entry) == entry


def test_a_directory_that_is_gone_is_a_state_and_not_an_error(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    shutil.rmtree(tmp_path / "journal")
    state = journal.state()
    assert (state.broken, state.has_room, state.takes) == (True, False, "broken")
    assert (journal.first_of(taken()), journal.of_ref("FB-1"), replayed(journal)) == (None, None, [])
    with pytest.raises(TryAgain):
        journal.keep(taken())
    (tmp_path / "journal").mkdir()
    assert journal.state().takes == "nothing"


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


def test_a_directory_that_cannot_be_written_is_no_journal(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    (tmp_path / "journal").mkdir()
    monkeypatch.setattr(os, "open", read_only)
    with pytest.raises(OSError, match="Read-only"):
        a_journal(tmp_path)


def read_only(path: Any, flags: int, mode: int = 0o777) -> int:
    if flags & os.O_CREAT:
        raise OSError(errno.EROFS, os.strerror(errno.EROFS))
    return _open(path, flags, mode)


_open = os.open


def test_a_damaged_first_record_of_a_key_that_is_gone_keeps_no_other_segment_waiting(tmp_path: Path) -> None:
    old = a_journal(tmp_path, OLDER_KEY)
    old.keep(taken())
    old.keep(taken(1))
    [segment] = segments(tmp_path)
    data = bytearray(segment.read_bytes())
    data[40] ^= 1
    segment.write_bytes(data)
    new, entry = a_journal(tmp_path), taken(2)
    new.keep(entry)
    del old
    assert replayed(new) == [entry]
    assert segment.exists()


def test_replaying_needs_no_file_that_another_user_may_have_made(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.keep(taken())
    replayed(journal)
    assert list((tmp_path / "journal").iterdir()) == [tmp_path / "journal/shop"]


# --- files that are not whole yet


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
