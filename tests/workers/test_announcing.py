"""Announcements reach every receiver, at least once, whatever happens on the way; one that is away holds up nobody."""

from __future__ import annotations

import json
from collections.abc import Iterator
from datetime import datetime, timedelta

import pytest
from structlog.testing import capture_logs

from fallback.domain.errors import Refused
from fallback.domain.order.announcements import GIVEN_UP_AFTER, Announcement
from tests.builders import NOW
from tests.ledger.world import a_container, a_new_order, accepted
from tests.notices.receiver import Receiver, listening
from tests.redis_server import RedisServer
from workers.announcing import Announcing

SECRETS = ("an-order-secret-0123456789-abcdefgh",)


class World:
    """Two receivers on loopback: `desk` and `stock`."""

    def __init__(self, redis_url: str, desk: Receiver, stock: Receiver) -> None:
        self.now: datetime = NOW
        self.desk, self.stock = desk, stock
        urls = tuple(f"http://127.0.0.1:{each.port}/hook" for each in (desk, stock))
        self.container = a_container(redis_url, fallback_order_webhook_urls=urls, fallback_order_webhook_secret=SECRETS)
        self.container.clock = lambda: self.now
        self._orders = 0

    def takes_orders(self, count: int) -> list[str]:
        return [accepted(self.container.ledger, a_new_order(cart_id=f"cart-{index}")).ref for index in range(count)]

    def round(self, after: timedelta = timedelta()) -> None:
        self.now += after
        Announcing(self.container).once()

    def waiting(self) -> list[int]:
        return [self.container.announcements.count(name) for name in self.container.receivers]


@pytest.fixture
def world(redis_server: RedisServer) -> Iterator[World]:
    with listening() as desk, listening() as stock:
        yield World(redis_server.url, desk, stock)


def ids(receiver: Receiver) -> list[str]:
    return [json.loads(got.body)["id"] for got in receiver.got]


def test_each_receiver_gets_each_of_them_once(world: World) -> None:
    refs = world.takes_orders(5)
    world.round()
    world.round(timedelta(hours=1))
    for receiver in (world.desk, world.stock):
        assert sorted(ids(receiver)) == sorted(f"{ref}.1.captured" for ref in refs)
    assert world.waiting() == [0, 0]


def test_one_that_is_away_is_tried_once_a_round_and_gets_all_when_it_is_back(world: World) -> None:
    refs = world.takes_orders(5)
    world.desk.status = 503
    world.round()
    assert (len(world.desk.got), len(world.stock.got)) == (1, 5)
    [away] = world.container.announcements.away().values()
    assert (away.host, away.since, away.why, away.tries) == (
        *("127.0.0.1", NOW),
        *("a webhook address answered 503", 1),
    )
    world.round()  # too early for another try
    assert len(world.desk.got) == 1
    world.round(timedelta(minutes=1))
    assert len(world.desk.got) == 2
    world.desk.status = 200
    for _ in range(3):
        world.round(timedelta(minutes=11))
    assert sorted(set(ids(world.desk))) == sorted(f"{ref}.1.captured" for ref in refs)
    assert world.waiting() == [0, 0]
    assert world.container.announcements.away() == {}


def test_one_that_a_receiver_cannot_take_does_not_hold_up_the_others(world: World) -> None:
    first, *others = world.takes_orders(4)
    [receiver, _] = world.container.receivers.values()
    tell = receiver.tell
    heard: list[str] = []

    def picky(said: Announcement) -> None:
        if said.ref == first:
            raise Refused("too_strange")
        heard.append(said.ref)
        tell(said)

    receiver.tell = picky  # type: ignore[method-assign]
    for _ in range(3):
        world.round(timedelta(minutes=11))
    assert sorted(heard) == sorted(others)
    assert world.waiting() == [1, 0]


def test_what_a_crash_interrupted_is_sent_again_with_the_same_id(world: World) -> None:
    class Killed(BaseException):
        pass

    [ref] = world.takes_orders(1)
    [receiver, _] = world.container.receivers.values()
    tell = receiver.tell

    def dies_after(said: Announcement) -> None:
        tell(said)
        raise Killed

    receiver.tell = dies_after  # type: ignore[method-assign]
    with pytest.raises(Killed):
        world.round()
    receiver.tell = tell  # type: ignore[method-assign]
    world.round(timedelta(minutes=1))
    assert ids(world.desk) == [f"{ref}.1.captured"] * 2
    assert world.waiting() == [0, 0]


def test_after_three_days_it_is_given_up_and_the_log_says_so(world: World) -> None:
    [ref] = world.takes_orders(1)
    world.desk.close()
    world.round()
    with capture_logs() as logs:
        world.round(GIVEN_UP_AFTER + timedelta(seconds=1))
    assert [(line["ref"], line["kind"]) for line in logs if line["event"] == "announcement_given_up"] == [
        (ref, "order.captured")
    ]
    assert world.waiting() == [0, 0]
    assert [away.since for away in world.container.announcements.away().values()] == [NOW]


def test_a_receiver_that_the_settings_no_longer_name_is_not_away(world: World, redis_server: RedisServer) -> None:
    world.takes_orders(1)
    world.desk.status = 500
    world.round()
    after = a_container(redis_server.url)
    Announcing(after).once()
    assert after.announcements.away() == {}
