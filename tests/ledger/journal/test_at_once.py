"""Threads and processes of one machine that write to one journal at the same moment."""

from __future__ import annotations

import errno
import fcntl
import os
from pathlib import Path
from threading import Thread

import pytest
from structlog.testing import capture_logs

from fallback.domain.checkout.journal import CancelAsked, Taken
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import directory, writer
from tests.builders import NOW
from tests.ledger.journal.keeping import a_journal, replayed, segments, taken


def test_many_threads_write_and_none_is_lost(tmp_path: Path) -> None:
    journal, entries = a_journal(tmp_path), [taken(second) for second in range(40)]
    threads = [Thread(target=journal.keep, args=(entry,)) for entry in entries]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    assert sorted(replayed(journal), key=lambda entry: entry.at) == entries


def test_what_another_process_writes_is_found_at_once_and_taken_when_it_is_over(tmp_path: Path) -> None:
    one, other = a_journal(tmp_path), a_journal(tmp_path)
    mine, its = taken(1), taken(0, key="key", cart_id="basket")
    one.keep(mine)
    other.keep(its)
    found = one.of_ref(its.ref)
    assert found
    same_key, same_cart = taken(key="key"), taken(cart_id="basket")
    assert (found.taken, one.first_of(same_key), one.first_of(same_cart)) == (its, its, its)
    assert replayed(one) == [mine]
    assert len(segments(tmp_path)) == 1
    other.keep(CancelAsked(its.ref, NOW))
    found = one.of_ref(its.ref)
    assert found
    assert (found.cancel_asked, one.first_of(same_cart)) == (NOW, None)
    assert replayed(other) == [its, CancelAsked(its.ref, NOW)]
    assert one.of_ref(its.ref) is one.first_of(same_key) is None


@pytest.mark.parametrize("about", [{"key": "key"}, {"cart_id": "basket"}])
def test_of_two_that_did_not_see_each_other_the_first_on_disk_stands(tmp_path: Path, about: dict[str, str]) -> None:
    one, other = a_journal(tmp_path), a_journal(tmp_path)
    first, second = taken(1, **about), taken(0, **about)
    assert one.first_of(first) is other.first_of(second) is None
    assert (one.keep(first), other.keep(second), one.keep(second)) == (None, first, first)
    assert one.state().entries == 1


def test_threads_and_processes_that_order_one_basket_at_once_keep_one_order(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PATIENCE", 60.0)
    children = []
    for process in range(3):
        if not (child := os.fork()):
            try:
                journal = a_journal(tmp_path)
                orders = [taken(process, cart_id=f"basket-{number % 4}") for number in range(16)]
                threads = [Thread(target=journal.keep, args=(order,)) for order in orders]
                for thread in threads:
                    thread.start()
                for thread in threads:
                    thread.join()
            finally:
                os._exit(0)
        children.append(child)
    for child in children:
        os.waitpid(child, 0)
    kept = [entry.order.cart_id for entry in replayed(a_journal(tmp_path)) if isinstance(entry, Taken)]
    assert sorted(kept) == ["basket-0", "basket-1", "basket-2", "basket-3"]


def test_no_other_process_writes_until_what_was_written_is_on_disk(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    journal, seen = a_journal(tmp_path), []

    def looks_at_the_lock(_: int) -> None:
        with (tmp_path / "journal/shop").open() as shop, pytest.raises(BlockingIOError) as locked:
            fcntl.flock(shop, fcntl.LOCK_EX | fcntl.LOCK_NB)
        seen.append(locked)

    monkeypatch.setattr(writer.os, "fdatasync", looks_at_the_lock)
    journal.keep(taken())
    assert seen


def test_a_process_that_is_stopped_in_its_turn_keeps_the_others_waiting_once(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr(directory, "PATIENCE", 0.01)
    journal = a_journal(tmp_path)
    with (tmp_path / "journal/shop").open() as shop, capture_logs() as logs:
        fcntl.flock(shop, fcntl.LOCK_EX)
        first, second = taken(1), taken(2)
        assert (journal.keep(first), journal.keep(second)) == (None, None)
    assert [line["event"] for line in logs] == ["journal_turn_not_given"]
    with capture_logs() as logs:
        assert (journal.keep(taken(3)), journal.keep(first)) == (None, first)
    assert logs == []
    assert len(replayed(journal)) == 3


def test_a_record_that_the_disk_did_not_keep_stands_in_nobodys_way(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    """It was seen before the disk refused it."""
    journal, other, lost, again = a_journal(tmp_path), a_journal(tmp_path), taken(key="key"), taken(1, key="key")

    def is_seen_and_lost(_: int) -> None:
        assert other.first_of(again) == lost
        raise OSError(errno.EIO, "Input/output error")

    with monkeypatch.context() as patch:
        patch.setattr(writer.os, "fdatasync", is_seen_and_lost)
        with pytest.raises(TryAgain):
            journal.keep(lost)
    assert other.keep(again) is None
    assert other.first_of(taken(key="key")) == again
    assert other.state().entries == 1
