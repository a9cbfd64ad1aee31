"""Two shops that share one directory by mistake: the second is refused. Who only looks leaves nothing there."""

from __future__ import annotations

import os
from collections.abc import Callable
from pathlib import Path

import pytest
from click.testing import CliRunner, Result
from structlog.testing import capture_logs

from fallback.bootstrap.container import Container
from fallback.bootstrap.journal import tend
from fallback.cli.main import main
from fallback.domain.checkout.journal import JournalSettings, Taken
from fallback.domain.errors import TryAgain
from fallback.web.app import create_app
from tests.ledger.world import a_container, a_new_order
from tests.redis_server import RedisServer
from tests.web.api_client import place
from tests.web.world import a_cart, a_config, signed
from tests.workers.running import environment

AWAY = "redis://127.0.0.1:1/0"
SAID = (
    "{} has the journal of shop 'books'; FALLBACK_SHOP is 'garden'. Give each shop a directory of its own in "
    "FALLBACK_JOURNAL. If the shop was renamed: fallback journal rename books"
)
Command = Callable[..., Result]
Web = Callable[..., Container]
pytestmark = pytest.mark.usefixtures("logs_as_before")


@pytest.fixture
def disk(tmp_path: Path) -> Path:
    return tmp_path / "journal"


@pytest.fixture
def web(disk: Path) -> Web:
    """Builds a web process of a shop. All shops have one SECRET_KEY, as a careless copy of settings has it."""

    def process(shop: str, url: str = AWAY) -> Container:
        return a_container(url, serves=True, fallback_shop=shop, journal=JournalSettings(str(disk)))

    return process


@pytest.fixture
def fallback(disk: Path) -> Command:
    def run(*words: str, shop: str = "garden", url: str = AWAY) -> Result:
        settings = environment(a_config(redis_url=url, fallback_shop=shop)) | {"FALLBACK_JOURNAL": str(disk)}
        return CliRunner().invoke(main, words, env=settings)

    return run


def keeps(built: Container) -> str:
    """The ref of an order that the process takes and leaves for the next one."""
    order = a_new_order()
    assert built.journal
    built.journal.keep(Taken(order, f"key-{order.ref}", "print"))
    built.journal.replay(lambda _: False)
    return order.ref


def test_no_process_of_another_shop_replays_or_adds_to_it(web: Web, disk: Path, redis_server: RedisServer) -> None:
    keeps(web("books"))
    garden = web("garden", redis_server.url)
    assert (garden.journal, garden.last_mode) == (None, None)
    assert tend(garden) == 0
    assert redis_server.client.zcard("received") == 0
    assert (disk / "shop").read_text() == "books"
    books = web("books")
    assert books.journal
    assert books.journal.state().entries == 1


def test_the_second_shop_takes_orders_as_without_a_journal(web: Web, redis_server: RedisServer) -> None:
    keeps(web("books"))
    away = create_app(web("garden")).test_client()
    assert place(away, cart_token=signed(a_cart(iss="garden"))).status_code == 503
    assert (away.get("/readyz").status_code, away.get("/readyz").json["journal"]) == (503, "another_shops")
    there = create_app(web("garden", redis_server.url)).test_client()
    assert place(there, cart_token=signed(a_cart(iss="garden"))).status_code == 202
    assert (there.get("/readyz").status_code, there.get("/readyz").json["journal"]) == (200, "another_shops")


def test_each_command_says_whose_it_is_and_what_to_do(web: Web, fallback: Command, disk: Path) -> None:
    keeps(web("books"))
    assert f"FAILED     journal: {SAID.format(disk)}" in fallback("doctor").output
    for words in (("journal", "show"), ("journal", "replay")):
        refused = fallback(*words)
        assert (refused.exit_code, SAID.format(disk) in refused.output) == (2, True), refused.output
    assert "1 entry" in fallback("journal", "show", shop="books").output


def test_a_journal_without_a_name_is_adopted(web: Web, disk: Path, redis_server: RedisServer) -> None:
    """As the release before left it."""
    ref = keeps(web("books"))
    (disk / "shop").unlink()
    books = web("books", redis_server.url)
    assert tend(books) == 1
    assert books.ledger.load(ref)
    assert (disk / "shop").read_text() == "books"


def test_a_directory_that_was_emptied_while_we_run_gets_its_name_again(web: Web, disk: Path) -> None:
    books = web("books")
    keeps(books)
    for file in disk.iterdir():
        file.unlink()
    keeps(books)
    assert (disk / "shop").read_text() == "books"


def test_two_that_begin_at_the_same_moment_are_one_owner(web: Web, disk: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    link = Path.hardlink_to

    def is_late(self: Path, target: Path) -> None:
        self.write_text("garden")
        link(self, target)

    monkeypatch.setattr(Path, "hardlink_to", is_late)
    assert web("books").journal is None
    assert [file.name for file in disk.iterdir()] == ["shop"]


# --- a shop with another name


def test_a_renamed_shop_keeps_its_journal(web: Web, fallback: Command, redis_server: RedisServer) -> None:
    ref = keeps(web("books"))
    assert fallback("journal", "rename", "books").output == "The journal is that of shop 'garden' now.\n"
    garden = web("garden", redis_server.url)
    assert tend(garden) == 1
    assert garden.ledger.load(ref)


def test_a_process_that_runs_on_under_the_old_name_takes_nothing_more(
    web: Web, fallback: Command, redis_server: RedisServer
) -> None:
    books = web("books", redis_server.url)
    keeps(books)
    fallback("journal", "rename", "books")
    assert books.journal
    assert books.journal.state().broken
    with capture_logs() as logs, pytest.raises(TryAgain):
        keeps(books)
    assert [line["reason"] for line in logs] == ["Operation not permitted"]
    with pytest.raises(OSError, match="has the journal of shop 'garden'"):
        tend(books)
    assert redis_server.client.zcard("received") == 0


def test_root_renames_it_for_the_user_of_the_processes(
    web: Web, fallback: Command, disk: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    keeps(web("books"))
    there, given = (disk / "shop").stat(), list[tuple[int, int]]()
    monkeypatch.setattr(os, "chown", lambda _, user, group: given.append((user, group)))
    fallback("journal", "rename", "books")
    assert given == [(there.st_uid, there.st_gid)]


def test_a_name_that_cannot_be_read_costs_the_journal_alone(
    web: Web, fallback: Command, disk: Path, redis_server: RedisServer
) -> None:
    keeps(web("books"))
    (disk / "shop").write_bytes(b"b\xffoks")
    there = create_app(web("books", redis_server.url)).test_client()
    assert place(there, cart_token=signed(a_cart(iss="books"))).status_code == 202
    assert fallback("journal", "rename", "b\ufffdoks", shop="books").exit_code == 0
    assert web("books").journal


def test_a_journal_whose_name_was_lost_takes_nothing_until_a_person_says_whose_it_is(
    web: Web, fallback: Command, disk: Path, redis_server: RedisServer
) -> None:
    books = web("books")
    ref = keeps(books)
    (disk / "shop").write_bytes(b"")
    with pytest.raises(TryAgain):
        keeps(books)
    assert (web("books").journal, web("garden").journal) == (None, None)
    assert f"{disk} has the journal of a shop whose name was lost" in fallback("journal", "show").output
    assert "If it is 'books': fallback journal rename ''" in fallback("doctor", shop="books").output
    assert fallback("journal", "rename", "", shop="books").exit_code == 0
    books = web("books", redis_server.url)
    assert tend(books) == 1
    assert books.ledger.load(ref)


def test_only_who_knows_its_name_renames_it(web: Web, fallback: Command) -> None:
    assert "The journal is of no shop yet." in fallback("journal", "rename", "books").output
    keeps(web("books"))
    refused = fallback("journal", "rename", "book")
    assert (refused.exit_code, "The journal is of shop 'books', not of 'book'." in refused.output) == (2, True)


# --- commands that only look


LOOKING = (("journal", "show"), ("journal", "replay"), ("doctor",), ("settings",), ("cart", "check", "a.cart.token"))


@pytest.mark.parametrize("words", LOOKING)
def test_who_looks_makes_no_directory(fallback: Command, disk: Path, words: tuple[str, ...]) -> None:
    said = fallback(*words).output
    assert not disk.exists()
    if "journal" in words:
        assert f"{disk} is not there: a web process makes it when it starts." in said


@pytest.mark.parametrize("words", LOOKING)
def test_who_looks_makes_no_file(
    fallback: Command, disk: Path, words: tuple[str, ...], redis_server: RedisServer
) -> None:
    disk.mkdir()
    before = disk.stat().st_mtime_ns
    fallback(*words, url=redis_server.url)
    assert (list(disk.iterdir()), disk.stat().st_mtime_ns) == ([], before)


def test_doctor_does_not_know_a_journal_that_no_web_process_began(fallback: Command, disk: Path) -> None:
    assert f"unknown    journal: {disk} is not there" in fallback("doctor").output
