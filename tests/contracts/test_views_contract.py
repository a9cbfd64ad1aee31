"""The lists of orders, in memory and in Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import NamedTuple

import pytest
from msgspec.structs import replace

from fallback.domain.incident.incident import Span
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import Headline
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.views import EVERYTHING, OrderFilter, Place, Views
from fallback.ledger.redis.crypto import Crypto
from tests.builders import NOW
from tests.fakes.ledger import FakeLedger
from tests.fakes.views import FakeViews
from tests.ledger.order.test_views import ANA, BEN, MISMATCH, OUT_OF_STOCK, on_hold, pages, received, refs
from tests.ledger.world import IRIS
from tests.redis_server import RedisServer
from tests.web.world import a_config


class Lists(NamedTuple):
    ledger: Ledger
    views: Views | FakeViews


@pytest.fixture(params=["fake", "redis"])
def lists(request: pytest.FixtureRequest) -> Lists:
    if request.param == "fake":
        fake = FakeLedger()
        return Lists(fake, FakeViews(fake))
    server: RedisServer = request.getfixturevalue("redis_server")
    ledger = RedisLedger(server.client, Crypto(a_config().secret_key), clock=lambda: NOW)
    return Lists(ledger, Views(server.client, ledger))


def test_all_orders_stand_newest_first_page_by_page(lists: Lists) -> None:
    kept = [received(lists.ledger) for _ in range(5)]
    assert list(pages(lists.views, EVERYTHING, 2)) == [kept[:2:-1], kept[2:0:-1], kept[:1]]
    assert lists.views.versions(limit=2) == [(ref, 1) for ref in kept[:2:-1]]
    assert [order.ref for order in lists.views.each(limit=3)] == kept[:1:-1]


def test_orders_with_a_promised_update_are_listed_by_its_time(lists: Lists) -> None:
    later, soon = on_hold(lists.ledger, 20), on_hold(lists.ledger, 10)
    received(lists.ledger)
    for wanted in (OrderFilter(hold=MISMATCH), OrderFilter(owner=ANA), OrderFilter(promised=True)):
        assert list(pages(lists.views, wanted, 1)) == [[soon], [later]]


def test_a_page_goes_on_behind_any_place(lists: Lists) -> None:
    first, second = received(lists.ledger), received(lists.ledger)
    assert refs(lists.views.page(after=Place(1.5, "gone"))) == [first]
    assert refs(lists.views.page(after=Place(99.0, ""))) == [second, first]
    assert refs(lists.views.page(after=Place(0.0, ""))) == []
    held = on_hold(lists.ledger, 10)
    behind = NOW + timedelta(minutes=9)
    assert refs(lists.views.page(OrderFilter(hold=MISMATCH), Place(behind.timestamp(), "gone"))) == [held]
    assert refs(lists.views.page(OrderFilter(hold=MISMATCH), Place(behind.timestamp() + 120, "gone"))) == []


def test_the_orders_of_a_customer_stand_newest_first(lists: Lists) -> None:
    theirs = [received(lists.ledger) for _ in range(4)]
    received(lists.ledger, customer=replace(IRIS, email="john@example.org"))
    assert list(pages(lists.views, OrderFilter(email=IRIS.email.upper()), 2)) == [theirs[:1:-1], theirs[1::-1]]
    held = on_hold(lists.ledger, 10)
    assert refs(lists.views.page(OrderFilter(email=IRIS.email, hold=MISMATCH))) == [held]


def test_filters_of_a_view_are_combined(lists: Lists) -> None:
    early = received(lists.ledger, minutes_ago=10)
    wanted = on_hold(lists.ledger, 10, MISMATCH, ANA)
    on_hold(lists.ledger, 10, OUT_OF_STOCK, ANA)
    on_hold(lists.ledger, 10, MISMATCH, BEN)
    assert refs(lists.views.page(OrderFilter(hold=MISMATCH, owner=ANA, headline=Headline.ON_HOLD))) == [wanted]
    assert refs(lists.views.page(OrderFilter(before=NOW - timedelta(minutes=5)))) == [early]
    assert early not in refs(lists.views.page(OrderFilter(since=NOW)))
    assert wanted in refs(lists.views.page(OrderFilter(since=NOW)))
    assert refs(lists.views.page(OrderFilter(span=Span(0, 1)))) == [early]
    assert refs(lists.views.page(OrderFilter(span=Span(1, 2)))) == [wanted]
    assert len(refs(lists.views.page(OrderFilter(span=Span(1))))) == 3


def test_counts_agree_with_the_lists(lists: Lists) -> None:
    for owner, code in ((ANA, MISMATCH), (BEN, MISMATCH), (BEN, OUT_OF_STOCK)):
        on_hold(lists.ledger, 10, code, owner)
    received(lists.ledger)
    counts = lists.views.counts(BEN)
    assert counts.headlines == {each: len(lists.views.page(OrderFilter(headline=each)).rows) for each in Headline}
    assert counts.holds == {each: len(lists.views.page(OrderFilter(hold=each)).rows) for each in HoldCode}
    assert (counts.promised, counts.owned) == (3, 2)
