"""What the disk gives back torn or damaged is cut off or set aside, and stands in no other entry's way."""

from __future__ import annotations

import errno
import os
from pathlib import Path
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import JournalSign
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import segment
from fallback.ledger.journal.contents import Contents
from tests.ledger.journal.keeping import OLDER_KEY, a_journal, replayed, segments, taken


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
    with capture_logs() as logs:
        assert replayed(journal) == [entry]
    assert [line["reason"] for line in logs if line["event"] == "journal_segment_unread"] == [
        f"{file.name}: Input/output error"
    ]
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
