"""The books in Redis: a scan finds every order of an incident, indexes are counted, and results are stored."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.incident.balance import Count
from fallback.domain.incident.comparison import with_indexes
from fallback.domain.incident.incident import Span
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order
from fallback.ledger.redis import keys
from tests.builders import a_hold
from tests.ledger.world import a_container, accepted
from tests.redis_server import RedisServer

INCIDENT = "2026-11-21-100000"
ALL = Span(0)


@pytest.fixture
def container(redis_server: RedisServer) -> Container:
    return a_container(redis_server.url)


def received(container: Container, count: int) -> list[str]:
    return [accepted(container.ledger).ref for _ in range(count)]


def held(container: Container) -> Order:
    order = accepted(container.ledger)
    return container.ledger.commit(order, replace(order, holds=(a_hold("mismatch"),)), [])


def scanned(container: Container, span: Span) -> Count:
    metrics = Count(INCIDENT, frozenset())
    for order, timeline in container.books.scan(span):
        metrics.add(order, timeline)
    return metrics


def compared(container: Container, span: Span = ALL) -> list[tuple[str, str]]:
    books, metrics = container.books, scanned(container, span)
    found = with_indexes(metrics, [span], books.accepted(span), INCIDENT, books, container.ledger)
    return [(each.code, each.ref) for each in found]


def test_a_scan_finds_every_order_of_the_span_in_its_order_page_by_page(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.incident.books.PAGE", 2)
    kept = received(container, 7)
    assert [order.ref for order, _ in container.books.scan(Span(1, 6))] == kept[1:6]
    assert [order.ref for order, _ in container.books.scan(ALL)] == kept
    assert [container.books.accepted(span) for span in (Span(1, 6), Span(4), Span(7))] == [5, 3, 0]


def test_an_order_that_stands_in_two_lists_or_in_none_is_named(container: Container) -> None:
    first, second, _ = received(container, 3)
    container.redis.zadd(keys.headline(Headline.SETTLED), {first: 1})
    container.redis.zrem(keys.headline(Headline.RECEIVED), second)
    assert compared(container) == [("index", ref) for ref in sorted((first, second))]


def test_an_order_that_was_accepted_and_is_not_there_is_missed(container: Container) -> None:
    [gone, _] = received(container, 2)
    container.redis.delete(keys.order(gone))
    assert ("lost", "") in compared(container)
    assert ("index", gone) in compared(container)


def test_a_sum_that_was_booked_and_not_granted_is_missed(container: Container) -> None:
    [ref] = received(container, 1)
    container.redis.zadd(keys.booked("goodwill", INCIDENT, "EUR"), {ref: 500})
    assert compared(container) == [("booked", "")]
