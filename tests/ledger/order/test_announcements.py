"""Announcements are written with the order that they are about: both or none."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict
from fallback.domain.order.announcements import What
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order
from fallback.ledger.redis import keys
from tests.builders import NOW, a_hold
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

URLS = ("https://desk.example.org/hook", "https://stock.example.org/hook")
SECRETS = ("an-order-secret-0123456789-abcdefgh",)


@pytest.fixture
def container(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url, fallback_order_webhook_urls=URLS, fallback_order_webhook_secret=SECRETS)


def waiting(container: Container) -> list[list[tuple[str, int]]]:
    """For each receiver: what waits for it, and of which version of the order."""
    due = [container.announcements.due(name, NOW, 100) for name in container.receivers]
    return [[(each.announcement.what, each.announcement.version) for each in entries] for entries in due]


def held(order: Order) -> Order:
    return replace(order, holds=(a_hold(HoldCode.MISMATCH),))


def test_every_receiver_is_told_of_a_new_order_once_however_often_it_is_sent(container: Container) -> None:
    order = accepted(container.ledger)
    container.ledger.accept(a_new_order(), f"key-{order.ref}", "print")
    assert waiting(container) == [[(What.CAPTURED, 1)]] * 2


def test_a_change_is_announced_in_its_commit(container: Container) -> None:
    order = accepted(container.ledger)
    after = container.ledger.commit(order, held(order), [])
    assert waiting(container) == [[(What.CAPTURED, 1), (What.HELD, 2)]] * 2
    assert after.version == 2


def test_a_commit_that_loses_announces_nothing(container: Container) -> None:
    order = accepted(container.ledger)
    container.ledger.commit(order, replace(order, owner="Ann"), [])
    with pytest.raises(Conflict):
        container.ledger.commit(order, held(order), [])
    assert waiting(container) == [[(What.CAPTURED, 1)]] * 2


def test_without_receivers_nothing_waits(redis_server: RedisServer) -> None:
    container = a_container(redis_server.url)
    order = accepted(container.ledger)
    container.ledger.commit(order, held(order), [])
    assert list(redis_server.client.scan_iter("announcing:*")) == []


def test_a_drill_is_announced_to_nobody(container: Container, redis_server: RedisServer) -> None:
    order = accepted(container.ledger, a_new_order(drill=True))
    container.ledger.commit(order, held(order), [])
    assert list(redis_server.client.scan_iter("announcing:*")) == []


def test_an_entry_has_nothing_personal(container: Container, redis_server: RedisServer) -> None:
    accepted(container.ledger)
    [name, _] = container.receivers
    [entry] = redis_server.client.zrange(keys.announcing(name), 0, -1)
    personal = (IRIS.name, IRIS.email, IRIS.address.line1, IRIS.address.city, "key=")
    assert [word for word in personal if word.encode() in entry] == []


def test_what_waits_for_a_receiver_that_is_no_more_ends(container: Container, redis_server: RedisServer) -> None:
    accepted(container.ledger)
    [name, _] = container.receivers
    assert 0 < redis_server.client.ttl(keys.announcing(name)) <= timedelta(days=4).total_seconds()


def test_what_waits_is_bounded(container: Container, redis_server: RedisServer) -> None:
    [name, _] = container.receivers
    for begin in range(0, 100_000, 10_000):
        redis_server.client.zadd(keys.announcing(name), {str(begin + number): 1 for number in range(10_000)})
    order = accepted(container.ledger)
    container.ledger.commit(order, held(order), [])
    assert container.announcements.count(name) == 100_000
    assert container.ledger.load(order.ref).holds
