"""Threads of one process that come while another one writes: they wait, and share the next write."""

from __future__ import annotations

import errno
import os
from contextlib import AbstractContextManager
from pathlib import Path
from threading import Semaphore, Thread
from typing import Any

import pytest

from fallback.domain.checkout.journal import Taken
from fallback.domain.errors import TryAgain
from fallback.ledger.journal import writer
from fallback.ledger.journal.contents import Contents
from fallback.ledger.journal.directory import Directory
from tests.ledger.journal.keeping import a_journal, replayed, taken
from tests.ledger.watched import Watched, ended


class Bug(Exception):
    pass


class Waves:
    """The orders of a wave come while the disk takes those of the wave before: each in a thread, which waits."""

    def __init__(self, path: Path, monkeypatch: pytest.MonkeyPatch, *waves: list[Taken]) -> None:
        came, coming, sync, turn = Semaphore(0), iter(waves), os.fdatasync, Directory.writing
        self.turns, self.told = 0, dict[str, object]()

        def takes_a_turn(directory: Directory) -> AbstractContextManager[None]:
            self.turns += 1
            return turn(directory)

        def goes_to_the_disk(descriptor: int) -> None:
            for entry in next(coming, []):
                threads.append(Thread(target=self._keep, args=(entry,), daemon=True))
                threads[-1].start()
                assert came.acquire(timeout=10)
            sync(descriptor)

        threads: list[Thread] = []
        with monkeypatch.context() as patch:
            patch.setattr(writer, "Lock", lambda: Watched(came.release))
            patch.setattr(Directory, "writing", takes_a_turn)
            patch.setattr(os, "fdatasync", goes_to_the_disk)
            self.journal = a_journal(path)
            for entry in next(coming):
                self._keep(entry)
            for thread in threads:
                ended(thread)

    def _keep(self, entry: Taken) -> None:
        try:
            self.told[entry.ref] = self.journal.keep(entry)
        except (TryAgain, Bug) as error:
            self.told[entry.ref] = error


def test_who_comes_during_a_write_shares_the_next_one_with_all_that_came(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third, fourth = entries = [taken(second) for second in range(4)]
    waves = Waves(tmp_path, monkeypatch, [first], [second], [third, fourth])
    assert waves.turns == 3
    assert waves.told == dict.fromkeys((entry.ref for entry in entries), None)
    assert replayed(waves.journal) == entries


def broken(_: int) -> None:
    raise OSError(errno.EIO, os.strerror(errno.EIO))


def test_a_disk_that_refuses_an_order_keeps_all_that_shared_the_write_before(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    first, second, third = entries = [taken(second) for second in range(3)]
    journal = Waves(tmp_path, monkeypatch, [first], [second, third]).journal
    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(TryAgain):
        journal.keep(taken(3))
    assert replayed(journal) == entries


@pytest.mark.parametrize("bad_comes", [0, 1])
def test_a_bug_promises_nothing_to_those_whose_orders_were_not_written(
    tmp_path: Path, monkeypatch: pytest.MonkeyPatch, bad_comes: int
) -> None:
    first, good, bad, last = [taken(second) for second in range(4)]
    second = [good]
    second.insert(bad_comes, bad)
    first_of = Contents.first_of

    def fails(contents: Contents, key: str, cart_id: str) -> Any:
        if key == bad.key:
            raise Bug
        return first_of(contents, key, cart_id)

    monkeypatch.setattr(Contents, "first_of", fails)
    waves = Waves(tmp_path, monkeypatch, [first], second)
    writes, waits = second  # the first that came writes for both
    assert isinstance(waves.told[writes.ref], Bug)
    assert isinstance(waves.told[waits.ref], TryAgain)
    journal = waves.journal
    assert journal.keep(last) is None
    monkeypatch.setattr(os, "fdatasync", broken)
    with pytest.raises(TryAgain):
        journal.keep(good)
    assert replayed(journal) == [first, last]
