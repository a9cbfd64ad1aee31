"""What is stored and cannot be read ends no command in a traceback: neither damage nor a wrong SECRET_KEY."""

from __future__ import annotations

from collections.abc import Callable

import click
import pytest
from click.testing import CliRunner
from msgspec.structs import replace

from fallback.cli.main import main
from fallback.domain.order.holds import HoldCode, new_hold
from fallback.domain.outage.mode import Mode
from fallback.domain.payment.inbox import Unclaimed, pack
from fallback.domain.payment.news import PaymentNews
from fallback.domain.support.accounts import Account, Role
from fallback.ledger.redis import keys
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.outage.switch_mode import switch_mode
from tests.builders import NOW
from tests.ledger.world import IRIS, a_container, accepted
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

OTHER_KEY = "another-key-of-a-wrong-setting-012345"
PASSWORD = "a lighthouse keeper's tea\n"
COMMANDS = {
    "alerts": ("", "acknowledge holds_pile_up"),
    "bounces": ("read /dev/null",),
    "customers": (f"show --email {IRIS.email}", f"erase --email {IRIS.email}"),
    "doctor": ("",),
    "drain": ("", "--pause --why x", "--resume --why x", "--pace 2 --why x"),
    "drill": ("", "--last"),
    "inbox": ("list", "drop evt_1"),
    "incident": ("list", "show", "note x", "balance", "balance standby", "audit", "resume-drain --reason x", "close"),
    "ledger": ("verify", "verify --repair"),
    "mode": ("", "draining --reason x --yes", "draining --reason x"),
    "orders": ("list", "show REF", "release REF mismatch"),
    "report": ("",),
    "secrets": ("rewrap",),
    "status": ("", "note x --next 30m", "maintenance x --from 1h --to 2h", "end x"),
    "users": (
        *("list", "disable mara", "reset mara", "email mara m@example.org", "password mara --password-stdin"),
        "add olu --role agent --password-stdin",
    ),
}
LINES = [f"{name} {words}".strip() for name, lines in COMMANDS.items() for words in lines]
# They read nothing that is stored, or are processes of their own.
OTHERS = {"cart", "clock", "completion", "journal", "primary", "settings", "web", "worker"}
DOCUMENTS = (
    *(keys.MODE, keys.STATUS_PAGE, keys.SIGHTING, keys.ALERTS, keys.DRILLS, keys.AUDIT, keys.TILL, keys.HALT),
    *(keys.PACE_GOING, keys.balance("standby")),
)


def test_every_command_is_tried() -> None:
    assert {*COMMANDS, *OTHERS} == set(main.list_commands(click.Context(main)))


@pytest.fixture
def ref(redis_server: RedisServer) -> str:
    built = a_container(redis_server.url)
    built.people.add(Account("mara", Role.AGENT, "a hash", "mara@example.org"))
    order = accepted(built.ledger)
    held = replace(order, holds=(new_hold(HoldCode.MISMATCH, "desk", NOW),))
    built.ledger.commit(order, held, ())
    switch_mode(built, Mode.ACTIVE, "Omar", "the shop is down")
    follow_mode(built)
    event = Unclaimed("evt_1", PaymentNews.CAPTURED, order.ref, "pi_1", NOW)
    built.ledger.keep_unclaimed(event.id, pack(event))
    return order.ref


def with_a_wrong_key(_: RedisServer) -> str:
    return OTHER_KEY


def damaged(server: RedisServer) -> str:
    for key in DOCUMENTS:
        server.client.delete(key)
        server.client.set(key, b"?")
    for key in server.client.scan_iter("incident:*"):
        server.client.set(key, b"?")
    server.client.hset(keys.PEOPLE, "mara", b"?")
    return a_config().secret_key[0]


@pytest.mark.usefixtures("cheap_passwords")
@pytest.mark.parametrize("spoil", [with_a_wrong_key, damaged])
@pytest.mark.parametrize("line", LINES)
def test_a_command_ends_in_words(
    redis_server: RedisServer, ref: str, line: str, spoil: Callable[[RedisServer], str]
) -> None:
    secret = spoil(redis_server)
    settings = environment(a_config(redis_url=redis_server.url, secret_key=(secret,)))
    ended = CliRunner().invoke(main, line.replace("REF", ref).split(), env=settings, input=PASSWORD)
    assert isinstance(ended.exception, SystemExit | None), repr(ended.exception)
    assert ended.exit_code in (0, 1, 2), ended.output
    if ended.exit_code:
        assert ended.output.strip()


def test_what_is_damaged_is_to_be_looked_for(redis_server: RedisServer) -> None:
    redis_server.client.set(keys.MODE, b"?")
    settings = environment(a_config(redis_url=redis_server.url))
    refused = CliRunner().invoke(main, ["mode"], env=settings)
    assert refused.output.startswith("Error: What is stored is damaged (JSON is malformed")
    assert refused.output.endswith("Which document it is: fallback ledger verify\n")
    assert f"{keys.MODE}: expected" in CliRunner().invoke(main, ["ledger", "verify"], env=settings).output
    switched = CliRunner().invoke(main, ["mode", "draining", "--reason", "x", "--yes"], env=settings)
    assert switched.exit_code == 0, "who switches does not need what was there before"


@pytest.mark.parametrize("line", COMMANDS["customers"])
def test_nobody_is_told_that_nothing_is_stored_while_orders_cannot_be_read(
    redis_server: RedisServer, line: str
) -> None:
    ref = accepted(a_container(redis_server.url).ledger).ref
    settings = environment(a_config(redis_url=redis_server.url, secret_key=(OTHER_KEY,)))
    told = CliRunner().invoke(main, ["customers", *line.split()], env=settings, input="Ann\n")
    assert told.exit_code == 1, told.output
    assert f"1 order cannot be read, {ref} for one: whether it is this customer's is not known." in told.output
