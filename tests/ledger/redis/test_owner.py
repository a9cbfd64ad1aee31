"""Two shops that share one Redis database by mistake: the second is refused, wherever it connects from."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import timedelta
from pathlib import Path
from typing import Any

import pytest
from click.testing import CliRunner, Result
from redis.connection import Connection
from rq import SimpleWorker
from rq.serializers import JSONSerializer

from fallback.bootstrap.container import Container
from fallback.cli.main import main
from fallback.domain.checkout.journal import JournalSettings, JournalSign
from fallback.domain.errors import TryAgain
from fallback.domain.order.order import Queue
from fallback.ledger.redis import keys, owner
from fallback.ledger.redis.leases import Leases
from fallback.ledger.redis.owner import NotOurs
from fallback.runtime.redis_connection import connect
from fallback.web.app import create_app
from tests.ledger.world import a_container, acknowledged
from tests.redis_server import PASSWORD, RedisServer
from tests.web.api_client import place
from tests.web.world import a_cart, a_config, signed
from tests.workers.running import environment
from workers.run import open_connection

pytestmark = pytest.mark.usefixtures("logs_as_before")
Command = Callable[..., Result]


@pytest.fixture
def books(redis_server: RedisServer) -> Iterator[Container]:
    """A process of the shop that was first."""
    built = serving(redis_server, "books")
    yield built
    built.redis.close()


def serving(server: RedisServer, shop: str) -> Container:
    return Container(a_config(redis_url=server.url, fallback_shop=shop), serves=True)


def looking(server: RedisServer, shop: str) -> Container:
    """As a command does."""
    return a_container(server.url, fallback_shop=shop)


@pytest.fixture
def fallback(redis_server: RedisServer) -> Command:
    def run(*words: str, shop: str = "garden") -> Result:
        settings = environment(a_config(redis_url=redis_server.url, fallback_shop=shop))
        return CliRunner().invoke(main, words, env=settings)

    return run


def test_of_two_shops_that_begin_at_once_one_is_first(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    asked = owner._ask

    def after_garden(connection: Connection, *command: str) -> Any:
        if command[0] == "SET":
            redis_server.client.set(keys.SHOP, "garden", nx=True)
        return asked(connection, *command)

    monkeypatch.setattr(owner, "_ask", after_garden)
    books = serving(redis_server, "books")
    assert "orders of shop 'garden'" in books.readiness.problems()[0]
    assert books.readiness.is_elsewhere
    redis_server.client.delete(keys.SHOP)
    redis_server.client.set(keys.SHOP, "books")
    books.readiness.problems(0)
    assert not books.readiness.is_elsewhere
    books.redis.close()


def test_the_first_process_names_the_ledger(redis_server: RedisServer, books: Container) -> None:
    assert acknowledged(books.ledger)
    assert redis_server.client.get(keys.SHOP) == b"books"
    assert acknowledged(serving(redis_server, "books").ledger)


def test_no_process_of_another_shop_takes_or_works_on_its_orders(redis_server: RedisServer, books: Container) -> None:
    assert acknowledged(books.ledger)
    for another in (serving(redis_server, "garden"), looking(redis_server, "garden")):
        assert acknowledged(another.ledger) is None
        with pytest.raises(TryAgain):
            another.ledger.claim_due(Queue.PAYMENT, timedelta(minutes=1), 10)
        with pytest.raises(NotOurs):
            another.redis.exists(keys.SHOP)
    assert redis_server.client.get(keys.SEQUENCE) == b"1"


def test_a_worker_of_another_shop_is_refused_too(redis_server: RedisServer, books: Container) -> None:
    books.redis.exists(keys.SHOP)
    with pytest.raises(NotOurs):
        open_connection(a_config(redis_url=redis_server.url, fallback_shop="garden")).exists(keys.SHOP)


def test_readiness_and_doctor_say_whose_it_is_and_what_to_do(
    redis_server: RedisServer, books: Container, fallback: Command
) -> None:
    books.redis.exists(keys.SHOP)
    said = (
        "The Redis database of REDIS_URL has the orders of shop 'books'; FALLBACK_SHOP is 'garden'. Give each shop a "
        "database of its own. If the shop was renamed: fallback ledger rename books"
    )
    assert serving(redis_server, "garden").readiness.problems() == (said,)
    assert f"FAILED     redis durability: {said}" in fallback("doctor").output


@pytest.mark.parametrize("words", [("settings",), ("mode",), ("ledger", "verify"), ("orders", "list")])
def test_the_release_stops_and_no_command_is_run(
    redis_server: RedisServer, books: Container, fallback: Command, words: tuple[str, ...]
) -> None:
    books.redis.exists(keys.SHOP)
    refused = fallback(*words)
    assert refused.exit_code == 2
    assert "has the orders of shop 'books'; FALLBACK_SHOP is 'garden'" in refused.output
    assert fallback("settings", shop="books").exit_code == 0


def test_a_command_names_no_ledger(redis_server: RedisServer, fallback: Command) -> None:
    """It may have been given the settings of another shop, or a name that is misspelt."""
    assert fallback("settings").exit_code == 0
    assert fallback("mode").exit_code == 0
    assert redis_server.client.get(keys.SHOP) is None


def test_a_release_does_not_wait_for_redis() -> None:
    settings = environment(a_config(redis_url="redis://127.0.0.1:1/0"))
    assert CliRunner().invoke(main, ["settings"], env=settings).exit_code == 0


def test_a_ledger_whose_memory_is_full_is_worked_on_before_it_has_a_name(mortal_redis: RedisServer) -> None:
    mortal_redis.client.config_set("maxmemory", 1)
    full = serving(mortal_redis, "books")
    assert full.redis.dbsize() == 0
    mortal_redis.client.config_set("maxmemory", 0)
    full.redis.close()
    assert full.redis.dbsize() == 1
    assert mortal_redis.client.get(keys.SHOP) == b"books"


# --- a shop with another name


def test_a_renamed_shop_keeps_its_ledger(redis_server: RedisServer, books: Container, fallback: Command) -> None:
    assert acknowledged(books.ledger)
    assert fallback("ledger", "rename", "books").output == "The ledger is that of shop 'garden' now.\n"
    assert acknowledged(serving(redis_server, "garden").ledger)
    assert fallback("settings", shop="books").exit_code == 2


@pytest.mark.parametrize(
    ("old", "whose"), [("book", "The ledger is of shop 'books', not of 'book'."), ("garden", "The ledger is of shop")]
)
def test_only_who_knows_its_name_renames_it(books: Container, fallback: Command, old: str, whose: str) -> None:
    books.redis.exists(keys.SHOP)
    refused = fallback("ledger", "rename", old)
    assert (refused.exit_code, whose in refused.output) == (2, True)


def a_worker(books: Container) -> None:
    SimpleWorker([Queue.NOTICE], connection=books.redis, serializer=JSONSerializer).register_birth()


def a_clock(books: Container) -> None:
    Leases(books.redis).hold("clock", 5)


def a_web_process_with_orders_in_its_journal(books: Container) -> None:
    books.heartbeats.journal_has("shop-1", JournalSign(1, None, 0), books.heartbeats.redis_time())


@pytest.mark.parametrize(
    ("begins", "named"),
    [(a_worker, "worker notice"), (a_clock, "clock"), (a_web_process_with_orders_in_its_journal, "web on shop-1")],
)
def test_it_is_not_renamed_under_running_processes(
    books: Container, fallback: Command, begins: Callable[[Container], None], named: str
) -> None:
    """Their connections are those of the old name, and stay."""
    begins(books)
    refused = fallback("ledger", "rename", "books")
    assert refused.exit_code == 2
    assert f"less than two minutes ago: {named}. Stop web, worker and clock." in refused.output
    assert books.redis.get(keys.SHOP) == b"books"


def test_a_ledger_of_nobody_needs_no_new_name(redis_server: RedisServer, fallback: Command) -> None:
    assert "The ledger is of no shop yet." in fallback("ledger", "rename", "books").output


# --- a copy


def test_a_copy_that_is_not_whole_is_used_by_nobody(redis_server: RedisServer) -> None:
    redis_server.client.set(keys.COPYING, 1)
    [said] = serving(redis_server, "books").readiness.problems()
    assert said == "The Redis database of REDIS_URL has a copy that is not whole. Repeat: fallback ledger copy"


def test_a_database_that_redis_does_not_have_is_named_and_no_command_is_a_riddle(redis_server: RedisServer) -> None:
    nowhere = redis_server.url.removesuffix("/0") + "/99"
    [problem] = a_container(nowhere).readiness.problems()
    assert problem == (
        "Redis has no database 99, which REDIS_URL names: choose a lower number, or raise 'databases' in redis.conf."
    )
    for words in (["settings"], ["users", "list"], ["orders", "list"]):
        said = CliRunner().invoke(main, words, env=environment(a_config(redis_url=nowhere)))
        assert (said.exit_code, "no database 99" in said.output) == (2, True), said.output


def test_a_wrong_password_is_found_before_a_release(mortal_redis: RedisServer) -> None:
    wrong = mortal_redis.url.replace(PASSWORD, "guess")
    said = CliRunner().invoke(main, ["settings"], env=environment(a_config(redis_url=wrong)))
    assert (said.exit_code, "the user or the password of REDIS_URL" in said.output) == (2, True)


def test_a_name_where_a_number_of_a_database_belongs_is_refused() -> None:
    for url in ("redis://127.0.0.1:6379/shop-a", "rediss://:secret@redis.example/0/1"):
        with pytest.raises(ValueError, match="the number of a database"):
            connect(url)
    for url in (
        "redis://127.0.0.1:6379",
        "redis://a:b@h:1/",
        "redis://h/15?health_check_interval=5",
        "unix:///run/r.s",
    ):
        connect(url).close()


def test_no_order_waits_in_a_journal_for_a_ledger_that_is_anothers(
    redis_server: RedisServer, books: Container, tmp_path: Path
) -> None:
    assert acknowledged(books.ledger)
    journal = JournalSettings(str(tmp_path))
    garden = Container(a_config(redis_url=redis_server.url, fallback_shop="garden", journal=journal), serves=True)
    client = create_app(garden).test_client()
    assert client.get("/readyz").status_code == 503
    assert place(client, cart_token=signed(a_cart(iss="garden"))).status_code == 503
    assert garden.journal
    assert garden.journal.state().entries == 0
