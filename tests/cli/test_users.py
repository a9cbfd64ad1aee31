"""`fallback users` as whoever looks after the accounts runs it."""

from __future__ import annotations

import json
from collections.abc import Callable
from datetime import timedelta

import pytest
from click.testing import CliRunner, Result
from msgspec.structs import replace

from fallback.cli.main import main
from fallback.domain.support import passwords
from fallback.domain.support.accounts import Role
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.people import People
from tests.builders import NOW
from tests.redis_server import RedisServer
from tests.web.world import a_config
from tests.workers.running import environment

Users = Callable[..., Result]
PASSWORD = "a lighthouse keeper's tea"

pytestmark = pytest.mark.usefixtures("cheap_passwords")


@pytest.fixture
def people(redis_server: RedisServer) -> People:
    return People(redis_server.client, Crypto(a_config().secret_key))


@pytest.fixture
def users(redis_server: RedisServer) -> Users:
    settings = environment(a_config(redis_url=redis_server.url))
    return lambda *words, typed="": CliRunner().invoke(main, ["users", *words], env=settings, input=typed)


def add(users: Users, name: str = "Mara", *options: str) -> Result:
    return users("add", name, "--role", "agent", "--password-stdin", *options, typed=f"{PASSWORD}\n")


def test_an_account_is_opened_with_the_password_that_comes_in(users: Users, people: People) -> None:
    assert add(users, "Mara", "--email", "Mara@example.org").exit_code == 0

    mara = people.find("mara")
    assert (mara.name, mara.role, mara.email) == ("Mara", Role.AGENT, "mara@example.org")
    assert passwords.matches(PASSWORD, mara.password)


def test_a_password_is_asked_for_twice_and_not_shown(users: Users, people: People) -> None:
    said = users("add", "Mara", "--role", "lead", typed=f"{PASSWORD}\n{PASSWORD}\n").output

    assert people.find("Mara").role is Role.LEAD
    assert PASSWORD not in said


def test_a_short_password_is_refused(users: Users, people: People) -> None:
    refused = users("add", "Mara", "--role", "agent", "--password-stdin", typed="short\n")

    assert refused.exit_code == 2
    assert "A password needs 12 to 200 characters." in refused.output
    assert people.all() == []


def test_who_signs_in_elsewhere_needs_an_address_to_be_known_by(users: Users, people: People) -> None:
    assert users("add", "Mara", "--role", "agent", "--no-password").exit_code == 2
    assert users("add", "Mara", "--role", "agent", "--no-password", "--email", "m@example.org").exit_code == 0
    assert people.with_email("M@example.org").password is None


def test_a_name_is_given_once(users: Users) -> None:
    add(users)

    assert "already" in add(users, "mARA").output


def test_a_disabled_account_is_signed_out_and_can_sign_in_when_enabled_again(users: Users, people: People) -> None:
    add(users)
    session = people.begin_session("Mara", NOW)

    assert users("disable", "mara").output.rstrip().endswith("disabled")
    assert people.signed_in("Mara", session, NOW) is None
    users("enable", "mara")

    assert people.signed_in("Mara", session, NOW) is None
    assert people.signed_in("Mara", people.begin_session("Mara", NOW), NOW).name == "Mara"


def test_a_new_password_ends_what_was_open_with_the_old_one(users: Users, people: People) -> None:
    add(users)
    session = people.begin_session("Mara", NOW)

    assert users("password", "Mara", "--password-stdin", typed="another cup of tea\n").exit_code == 0

    assert people.signed_in("Mara", session, NOW + timedelta(seconds=1)) is None
    assert passwords.matches("another cup of tea", people.find("Mara").password)


@pytest.mark.parametrize("address", ["nowhere", " "])
def test_no_account_is_opened_with_what_is_no_address(users: Users, people: People, address: str) -> None:
    refused = users("add", "Mara", "--role", "agent", "--no-password", "--email", address)
    assert (refused.exit_code, f"'{address.strip()}' is not an e-mail address." in refused.output) == (2, True)
    assert people.all() == []


def test_an_account_gets_an_address_and_no_two_have_the_same(users: Users, people: People) -> None:
    for name in ("Mara", "Lea"):
        add(users, name)
    assert users("email", "mara", "Mara@example.org").exit_code == 0
    assert users("email", "Mara", "mara@example.org").exit_code == 0
    assert people.find("Mara").email == "mara@example.org"
    assert "Another account has" in users("email", "Lea", "MARA@example.org").output
    assert "'nowhere' is not an e-mail address." in users("email", "Lea", "nowhere").output
    assert people.find("Lea").email is None


@pytest.mark.parametrize("words", [["disable", "nobody"], ["enable", "nobody"], ["email", "nobody", "a@example.org"]])
def test_nobody_is_not_changed(users: Users, words: list[str]) -> None:
    refused = users(*words)

    assert refused.exit_code == 2
    assert "There is no account 'nobody'." in refused.output


def test_the_list_is_for_people_and_for_machines_and_has_no_hashes(users: Users) -> None:
    add(users, "Olu")
    add(users, "Mara", "--email", "mara@example.org")

    listed = json.loads(users("list", "--json").output)

    assert [each["name"] for each in listed] == ["Mara", "Olu"]
    assert listed[0] == {
        "name": "Mara",
        "role": "agent",
        "email": "mara@example.org",
        "password": True,
        "second_step": False,
        "disabled": False,
    }
    assert users("list").output.splitlines()[1].split() == ["Olu", "agent", "-"]
    assert "scrypt" not in users("list").output + users("list", "--json").output


def test_the_second_step_is_reset_and_open_sessions_end(users: Users, people: People) -> None:
    add(users)
    people.change("Mara", lambda account: replace(account, totp="GEZDGNBVGY3TQOJQ", recovery=("a digest",)))
    session = people.begin_session("Mara", NOW)
    assert "with second step" in users("list").output
    assert "GEZDGNBVGY3TQOJQ" not in users("list", "--json").output

    assert users("reset", "mara").exit_code == 0

    account = people.find("Mara")
    assert (account.totp, account.recovery) == (None, ())
    assert people.signed_in("Mara", session, NOW) is None
    assert json.loads(users("list", "--json").output)[0]["second_step"] is False
