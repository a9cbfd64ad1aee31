"""Addresses that want to be told when the shop is back, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from fallback.domain.support.subscriptions import LEASE, Subscriptions, asked, confirmed
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.support.subscriptions import RedisSubscriptions
from fallback.usecases.support.subscribe import subscribe
from tests.builders import NOW
from tests.fakes.subscriptions import FakeSubscriptions
from tests.ledger.world import a_container
from tests.redis_server import RedisServer

EMAIL = "Iris@example.org"
SECRET = "a-secret-of-the-tests-of-subscriptions-01"
ask = partial(asked, email=EMAIL, locale="en", now=NOW)


@pytest.fixture(params=["in memory", "on redis"])
def subscriptions(request: pytest.FixtureRequest) -> Subscriptions:
    if request.param == "in memory":
        return FakeSubscriptions()
    return RedisSubscriptions(request.getfixturevalue("redis_server").client, Crypto([SECRET]))


def test_an_address_has_one_name_however_it_is_written(subscriptions: Subscriptions) -> None:
    assert subscriptions.name(EMAIL) == subscriptions.name(EMAIL.lower())
    assert subscriptions.name(EMAIL) != subscriptions.name("dora@example.org")


def test_what_is_kept_is_found_counted_and_erased(subscriptions: Subscriptions) -> None:
    name = subscriptions.name(EMAIL)
    assert subscriptions.find(name) is None
    kept = subscriptions.change(name, ask)
    assert kept == subscriptions.find(name)
    assert subscriptions.each() == [(name, kept)]
    assert subscriptions.count() == 1
    assert subscriptions.change(name, confirmed) == subscriptions.find(name) == confirmed(kept)
    assert subscriptions.change(name, lambda _: None) is None
    assert (subscriptions.each(), subscriptions.count(), subscriptions.count_due(NOW)) == ([], 0, 0)


def test_what_is_due_is_taken_once_until_its_lease_is_over(subscriptions: Subscriptions) -> None:
    name = subscriptions.name(EMAIL)
    subscriptions.change(name, ask)
    assert subscriptions.count_due(NOW) == 1
    assert subscriptions.take(NOW, 10) == [name]
    assert subscriptions.take(NOW, 10) == []
    assert subscriptions.take(NOW + LEASE + timedelta(seconds=1), 10) == [name]
    subscriptions.change(name, confirmed)
    assert subscriptions.count_due(NOW + timedelta(days=1)) == 0


def test_redis_has_no_address_in_clear_and_forgets_in_a_week(redis_server: RedisServer) -> None:
    subscriptions = RedisSubscriptions(redis_server.client, Crypto([SECRET]))
    subscriptions.change(subscriptions.name(EMAIL), ask)
    [(name, sealed)] = redis_server.client.hgetall(keys.SUBSCRIPTIONS).items()
    assert b"ris@" not in name + sealed
    for key in (keys.SUBSCRIPTIONS, keys.SUBSCRIPTIONS_DUE):
        assert 0 < redis_server.client.ttl(key) <= timedelta(days=7).total_seconds()


def test_who_asks_to_be_forgotten_is_forgotten_here_too(redis_server: RedisServer) -> None:
    container = a_container(redis_server.url)
    subscribe(container, EMAIL, "en", "192.0.2.7")
    subscribe(container, "dora@example.org", "en", "192.0.2.7")
    assert container.personal.forget({EMAIL}) == 1
    assert [each.email for _, each in container.subscriptions.each()] == ["dora@example.org"]


def test_each_network_is_counted_for_itself(subscriptions: Subscriptions) -> None:
    networks = ("20010db800000007", "2a010db800000007", "192.0.2.7", "10.192.0.27")
    assert [subscriptions.count_from(each) for each in (*networks, *networks)] == [1, 1, 1, 1, 2, 2, 2, 2]


def test_an_address_is_found_by_the_name_that_each_release_gave_it(redis_server: RedisServer) -> None:
    subscriptions = RedisSubscriptions(redis_server.client, Crypto([SECRET]))
    assert subscriptions.name("Iris@example.org") == Crypto([SECRET]).blinds("email", "iris@example.org")[0]
