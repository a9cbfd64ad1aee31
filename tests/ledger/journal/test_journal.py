"""The journal on a real disk: what is kept is there for every process of the machine, until it was taken."""

from __future__ import annotations

from datetime import timedelta
from pathlib import Path
from threading import Barrier
from typing import Any

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import CancelAsked, Entry
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import journal as journals
from fallback.ledger.journal import segment, writer
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW
from tests.ledger.journal.keeping import KEY, OLDER_KEY, a_journal, replayed, segments, taken


def test_what_is_kept_is_taken_once_and_then_gone(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(), taken(1), CancelAsked("FB-1", NOW + timedelta(seconds=2))]
    for entry in entries:
        journal.keep(entry)
    assert replayed(journal) == entries
    assert (replayed(journal), segments(tmp_path), journal.state().entries) == ([], [], 0)
    assert journal.replay(later) == 0


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
    beside: list[int] = []
    assert one.replay(lambda _: not beside.append(other.replay(lambda _: True))) == 1
    assert beside == [0]


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
    seen: list[Entry] = []
    assert journal.replay(lambda entry: not seen.append(entry)) == 5
    assert seen == entries


def test_a_long_outage_makes_several_segments(tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(writer, "LONGEST_SEGMENT", 3_000)
    journal, entries = a_journal(tmp_path), [taken(second) for second in range(9)]
    for entry in entries:
        journal.keep(entry)
    assert len(segments(tmp_path)) > 2
    assert journal.state().entries == 9
    assert replayed(journal) == entries


def test_replaying_needs_no_file_that_another_user_may_have_made(tmp_path: Path) -> None:
    journal = a_journal(tmp_path)
    journal.keep(taken())
    replayed(journal)
    assert list((tmp_path / "journal").iterdir()) == [tmp_path / "journal/shop"]
