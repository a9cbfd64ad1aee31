"""A process dies by `kill -9` at each point between the promise and the order: nothing is lost, nothing is doubled."""

from __future__ import annotations

import os
import signal
from collections.abc import Callable
from pathlib import Path
from typing import Any

import pytest

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import tend
from fallback.domain.checkout.journal import JournalSettings, Taken
from fallback.domain.order.order import NoticeKind
from fallback.ledger.journal import directory, writer
from fallback.ledger.journal.directory import Directory
from fallback.ledger.journal.journal import DiskJournal
from fallback.ledger.redis.crypto import Crypto
from tests.ledger.world import a_container, a_new_order
from tests.redis_server import RedisServer
from tests.web.world import SHOP, a_config

Act = Callable[[], object]
KEYS = a_config().secret_key


def dies(act: Act) -> None:
    """In a process of its own, which kills itself on the way."""
    child = os.fork()
    if child == 0:
        try:
            act()
        finally:
            os._exit(1)  # it did not reach the point
    _, status = os.waitpid(child, 0)
    assert os.WIFSIGNALED(status)
    assert os.WTERMSIG(status) == signal.SIGKILL


def killed(*_: Any) -> Any:
    os.kill(os.getpid(), signal.SIGKILL)


def killed_after(call: Callable[..., Any]) -> Callable[..., Any]:
    def once(*arguments: Any, **named: Any) -> None:
        call(*arguments, **named)
        killed()

    return once


@pytest.fixture
def disk(tmp_path: Path) -> JournalSettings:
    return JournalSettings(str(tmp_path / "journal"))


def a_journal(disk: JournalSettings) -> DiskJournal:
    return DiskJournal(Path(disk.directory), SHOP, Crypto(KEYS), 2**20)


# What the customer was told: nothing yet, or that it is received.
@pytest.mark.parametrize(
    ("where", "strike", "kept"),
    [
        ("write", killed, [0]),
        ("write", killed_after(os.write), [0, 1]),  # not promised; that it is there does no harm
        ("fdatasync", killed, [0, 1]),
        ("fdatasync", killed_after(os.fdatasync), [1]),
    ],
)
def test_it_dies_before_the_answer_or_keeps_what_it_promised(
    disk: JournalSettings, monkeypatch: pytest.MonkeyPatch, where: str, strike: Callable[..., Any], kept: list[int]
) -> None:
    entry = Taken(a_new_order(), "key", "print")
    with monkeypatch.context() as patch:
        patch.setattr(writer.os, where, strike)
        dies(lambda: a_journal(disk).keep(entry))
    found = []

    def take(each: Any) -> bool:
        found.append(each)
        return True

    survivor = a_journal(disk)
    survivor.replay(take)
    assert len(found) in kept
    assert all(each == entry for each in found)
    assert (survivor.state().set_aside, survivor.state().size) == (0, 0)


@pytest.mark.parametrize("where", [(Path, "rename"), (Path, "hardlink_to"), (directory.os, "fsync")])
def test_a_file_that_it_left_half_made_is_gone_when_the_next_one_begins(
    disk: JournalSettings, monkeypatch: pytest.MonkeyPatch, where: tuple[Any, str]
) -> None:
    Path(disk.directory).mkdir()
    with monkeypatch.context() as patch:
        patch.setattr(*where, killed)
        dies(lambda: a_journal(disk).keep(Taken(a_new_order(), "key", "print")))
    assert left_half_made(disk)
    a_journal(disk)
    assert not left_half_made(disk)


def left_half_made(disk: JournalSettings) -> list[Path]:
    return list(Path(disk.directory).glob("*.new"))


@pytest.fixture
def process(disk: JournalSettings, redis_server: RedisServer) -> Callable[[], Container]:
    return lambda: a_container(redis_server.url, serves=True, journal=disk)


def kept_twice(disk: JournalSettings) -> tuple[str, str]:
    """Two promises for one basket, as two machines gave them; the disk of one was put into the other."""
    first, second = a_new_order(cart_id="basket"), a_new_order(cart_id="basket")
    for number, order in enumerate((first, second)):
        machine = JournalSettings(f"{disk.directory}-{number}")
        journal = a_journal(machine)
        journal.keep(Taken(order, f"key-{number}", "print"))
        journal.replay(lambda _: False)
        Path(disk.directory).mkdir(exist_ok=True)
        for segment in Path(machine.directory).glob("*.segment"):
            segment.rename(Path(disk.directory) / segment.name)
    return first.ref, second.ref


@pytest.mark.parametrize(
    ("owner", "call", "after"),
    [
        ("ledger", "accept", True),
        ("second_refs", "lead", False),
        ("second_refs", "lead", True),
        ("ledger", "commit", True),
        ("directory", "remove", False),
    ],
)
def test_it_dies_while_it_replays_and_the_next_one_finishes(
    disk: JournalSettings, process: Callable[[], Container], owner: str, call: str, after: bool
) -> None:
    first, second = kept_twice(disk)

    def replays() -> None:
        built = process()
        patched: Any = Directory if owner == "directory" else getattr(built, owner)
        setattr(patched, call, killed_after(getattr(patched, call)) if after else killed)
        tend(built)

    dies(replays)
    built = process()
    tend(built)
    assert built.journal
    assert built.journal.state().entries == 0
    assert built.redis.zcard("received") == 1
    assert built.second_refs.first_of(second) == first
    assert [event.what for event in built.ledger.timeline(first)] == ["received", "from_journal", "ordered_twice"]
    kinds = [notice.kind for notice in built.ledger.load(first).notices]
    assert kinds == [NoticeKind.RECEIVED, NoticeKind.ORDERED_TWICE]
