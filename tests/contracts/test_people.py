"""Accounts and sessions, in memory and in Redis."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import timedelta
from itertools import count, cycle

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, Invalid
from fallback.domain.support.accounts import KEEPER, Account, Person, Role
from fallback.domain.support.second_step import REMEMBERED_SECONDS, TRIES
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.people import SESSION_LIFE, People, UnknownPerson
from tests.builders import NOW
from tests.fakes.people import FakePeople
from tests.redis_server import RedisServer

MARA = Account("Mara", Role.AGENT, "a hash", "Mara@Example.org")


def on_redis(server: RedisServer) -> People:
    return People(server.client, Crypto(["a-secret-of-the-contract-tests-01234"]))


@pytest.fixture(params=["in memory", "on redis"])
def people(request: pytest.FixtureRequest) -> People | FakePeople:
    return FakePeople() if request.param == "in memory" else on_redis(request.getfixturevalue("redis_server"))


def test_an_account_is_found_by_its_name_in_any_case_and_by_its_address(people: People) -> None:
    kept = people.add(MARA)
    assert people.find(" mARA ") == people.with_email("MARA@example.ORG ") == kept
    assert people.find("Olu") is None
    assert people.with_email("olu@example.org") is None


@pytest.mark.parametrize("name", ["Mara", "MARA", "ｍａｒａ"])
def test_a_name_is_given_once(people: People, name: str) -> None:
    people.add(MARA)
    with pytest.raises(Invalid):
        people.add(Account(name, Role.LEAD))
    assert [account.role for account in people.all()] == [Role.AGENT]


@pytest.mark.parametrize("name", ["customer", "Worker", "stripe", "primary", "CONSOLE", "", "x", "<b>", "a\nb" * 20])
def test_reserved_names_cannot_be_accounts(people: People, name: str) -> None:
    with pytest.raises(Invalid):
        people.add(Account(name, Role.AGENT))


def test_an_address_belongs_to_one_person(people: People) -> None:
    people.add(MARA)
    with pytest.raises(Invalid):
        people.add(Account("Olu", Role.AGENT, email="mara@example.org"))


def test_a_session_opens_for_its_person_with_their_role(people: People) -> None:
    people.add(MARA)
    secret = people.begin_session("mara", NOW)
    assert people.signed_in("mara", secret, NOW) == Person("Mara", Role.AGENT)
    assert people.signed_in("mara", "guess", NOW) is None
    assert people.signed_in("olu", secret, NOW) is None


def test_a_session_ends_by_itself(people: People) -> None:
    people.add(MARA)
    secret = people.begin_session("Mara", NOW)
    assert people.signed_in("Mara", secret, NOW + SESSION_LIFE - timedelta(seconds=1))
    assert people.signed_in("Mara", secret, NOW + SESSION_LIFE) is None


def test_a_session_that_is_ended_leaves_the_others_open(people: People) -> None:
    people.add(MARA)
    desk, phone = people.begin_session("Mara", NOW), people.begin_session("Mara", NOW)
    people.end_session("Mara", desk)
    assert people.signed_in("Mara", desk, NOW) is None
    assert people.signed_in("Mara", phone, NOW)


def test_a_change_ends_all_sessions(people: People) -> None:
    people.add(MARA)
    secret = people.begin_session("Mara", NOW)
    changed = people.change("mara", lambda account: replace(account, role=Role.LEAD))
    assert changed.role is people.find("Mara").role is Role.LEAD
    assert people.signed_in("Mara", secret, NOW) is None


def test_who_is_disabled_has_no_session_not_even_a_new_one(people: People) -> None:
    people.add(MARA)
    people.change("Mara", lambda account: replace(account, disabled=True))
    assert people.signed_in("Mara", people.begin_session("Mara", NOW), NOW) is None


def test_who_has_the_token_needs_no_account(people: People) -> None:
    secret = people.begin_session("console", NOW)
    assert people.signed_in("console", secret, NOW) == KEEPER


def test_nobody_is_not_changed(people: People) -> None:
    with pytest.raises(UnknownPerson):
        people.change("Mara", lambda account: account)


def test_a_code_is_used_once_by_each_person(people: People) -> None:
    assert people.use_code("Mara", 7)
    assert not people.use_code("mARA", 7)
    assert people.use_code("Mara", 8)
    assert people.use_code("Olu", 7)


def test_wrong_codes_are_counted_until_a_right_one(people: People) -> None:
    assert [people.may_try_code("Mara") for _ in range(TRIES + 1)] == [True] * TRIES + [False]
    assert people.may_try_code("Olu")
    people.use_code("mara", 7)
    assert people.may_try_code("Mara")


# --- in Redis only


def test_an_address_is_given_in_lower_case_and_to_one_person(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.add(MARA)
    people.add(Account("Olu", Role.AGENT))
    assert people.give_email("olu", "Olu@Example.org").email == "olu@example.org"
    assert people.find("Olu") == people.give_email("Olu", "olu@example.ORG")
    people.give_email("Mara", "m@example.org")
    assert people.give_email("Olu", "mara@example.org").email == "mara@example.org"


def test_what_is_no_address_is_refused_unless_a_provider_says_it(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    assert people.add(replace(MARA, email=" mara@localhost ", by_claim=True)).email == "mara@localhost"
    assert people.add(Account("Olu", Role.AGENT, email=" Olu@Example.org ")).email == "olu@example.org"
    for act in (
        lambda: people.add(Account("Lea", Role.AGENT, email="lea@localhost")),
        lambda: people.give_email("Olu", "lea@localhost"),
    ):
        with pytest.raises(Invalid, match=r"^'lea@localhost' is not an e-mail address\.$") as told:
            act()
        assert (told.value.field, told.value.code) == ("email", "invalid")


def test_sessions_that_are_over_fill_no_memory(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.begin_session("Mara", NOW)
    people.begin_session("Mara", NOW + timedelta(seconds=1))
    people.begin_session("Mara", NOW + SESSION_LIFE)
    assert redis_server.client.zcard(keys.sessions("mara")) == 2


def test_a_count_of_wrong_codes_in_its_last_millisecond_is_begun_anew(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    people = on_redis(redis_server)
    monkeypatch.setattr(redis_server.client, "pttl", lambda _: 0)
    assert people.may_try_code("Mara")


def test_a_code_that_others_try_all_the_time_too_is_not_tried(
    redis_server: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    counts, client = cycle(range(TRIES)), redis_server.client

    def another_tries(key: str) -> int:
        client.set(key, next(counts))
        return 60_000

    monkeypatch.setattr(client, "pttl", another_tries)
    assert not on_redis(redis_server).may_try_code("Mara")


def test_a_count_of_wrong_codes_ends_however_often_it_is_tried(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.may_try_code("Mara")
    redis_server.client.expire(keys.code_tries("mara"), 100)
    people.may_try_code("Mara")
    assert redis_server.client.ttl(keys.code_tries("mara")) <= 100
    people.use_code("Mara", 7)
    assert 0 < redis_server.client.ttl(keys.used_code("mara", 7)) <= REMEMBERED_SECONDS


def test_what_stands_in_redis_tells_no_address_no_hash_and_no_secret(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.add(MARA)
    secret = people.begin_session("Mara", NOW)
    written = redis_server.client.hgetall(keys.PEOPLE)
    sessions = redis_server.client.zrange(keys.sessions("mara"), 0, -1)
    assert b"example" not in b"".join(written.values())
    assert b"a hash" not in b"".join(written.values())
    assert sessions
    assert secret.encode() not in sessions
    assert redis_server.client.ttl(keys.sessions("mara")) == SESSION_LIFE.total_seconds()


def test_two_changes_at_once_are_both_made(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.add(replace(MARA, email="m@example.org"))
    with ThreadPoolExecutor(4) as threads:
        for _ in range(20):
            threads.submit(people.change, "Mara", lambda account: replace(account, email=f"{account.email}x"))
    assert people.find("Mara").email == "m@example.org" + "x" * 20


def test_a_change_that_others_are_always_ahead_of_is_given_up(redis_server: RedisServer) -> None:
    people, numbers = on_redis(redis_server), count()
    people.add(MARA)

    def is_overtaken(account: Account) -> Account:
        people.change("Mara", lambda one: replace(one, email=f"mara{next(numbers)}@example.org"))
        return account

    with pytest.raises(Conflict, match="Mara"):
        people.change("Mara", is_overtaken)


def test_what_is_refused_is_said_at_its_field(redis_server: RedisServer) -> None:
    people = on_redis(redis_server)
    people.add(replace(MARA, email="mara@example.org"))
    refused = []
    for act in (
        lambda: people.add(replace(MARA, email=None)),
        lambda: people.add(replace(MARA, email="mara@example.org")),
        lambda: people.add(Account("Olu", Role.AGENT, email=" Mara@Example.org ")),
        lambda: people.change("Olu", lambda account: account),
    ):
        with pytest.raises(Invalid) as told:
            act()
        refused.append((told.value.field, told.value.code, str(told.value)))
    assert refused == [
        ("name", "taken", "There is already an account 'Mara'."),
        ("name", "taken", "There is already an account 'Mara'."),
        ("email", "taken", "Another account has this e-mail address."),
        ("name", "unknown_person", "There is no account 'Olu'."),
    ]
