"""The books in Redis: a scan finds every order of an incident, the indexes are counted, and what was found is kept."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.bootstrap import Container
from fallback.domain.audit import Audit, Halt
from fallback.domain.balance import Tally
from fallback.domain.comparing import with_indexes
from fallback.domain.incident import Span
from fallback.domain.lifecycle import Headline
from fallback.domain.order import Order
from fallback.ledger import keys
from tests.builders import NOW, a_hold
from tests.ledger.world import a_container, a_new_order, accepted
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


def scanned(container: Container, span: Span) -> Tally:
    tally = Tally(INCIDENT, frozenset())
    for order, timeline in container.books.scan(span):
        tally.add(order, timeline)
    return tally


def compared(container: Container, span: Span = ALL) -> list[tuple[str, str]]:
    books, tally = container.books, scanned(container, span)
    found = with_indexes(tally, [span], books.accepted(span), INCIDENT, books, container.ledger)
    return [(each.code, each.ref) for each in found]


def test_a_scan_finds_every_order_of_the_span_in_its_order_page_by_page(
    container: Container, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.books.PAGE", 2)
    kept = received(container, 7)
    assert [order.ref for order, _ in container.books.scan(Span(1, 6))] == kept[1:6]
    assert [order.ref for order, _ in container.books.scan(ALL)] == kept
    assert [container.books.accepted(span) for span in (Span(1, 6), Span(4), Span(7))] == [5, 3, 0]


def test_a_scan_reads_timelines_and_no_personal_data(container: Container) -> None:
    accepted(container.ledger)
    [(order, timeline)] = container.books.scan(ALL)
    assert (order.customer, order.version, [event.what for event in timeline]) == (None, 1, ["received"])


def test_orders_of_a_time_begin_with_its_first(container: Container) -> None:
    received(container, 2)
    assert container.books.since(NOW) == ALL
    assert container.books.since(NOW.replace(year=2027)) == Span(2)


def test_indexes_that_agree_are_no_difference(container: Container) -> None:
    received(container, 3)
    held(container)
    assert container.books.by_headline(Span(1)) == {Headline.RECEIVED: 2, Headline.ON_HOLD: 1}
    assert compared(container) == compared(container, Span(2, 3)) == []


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


def test_what_was_counted_is_kept_and_whoever_asks_for_it_is_answered(container: Container) -> None:
    books, balance = container.books, scanned(container, ALL).balance(NOW, 0, [], {})
    assert books.balance(INCIDENT) is None
    books.keep(balance)
    assert books.balance(INCIDENT) == balance
    books.ask(INCIDENT)
    books.ask(INCIDENT)
    assert books.asked() == [INCIDENT]
    books.answered(INCIDENT)
    assert books.asked() == []


def test_the_last_audit_is_kept(container: Container) -> None:
    assert container.books.last_audit() is None
    audit = Audit(NOW, NOW, 3, ("FB-1",), 1)
    container.books.keep_audit(audit)
    assert container.books.last_audit() == audit


def test_a_halt_stands_until_it_is_lifted(container: Container) -> None:
    first = Halt(NOW, "fallback", "the shop forgets")
    assert container.halts.read() is None
    assert [container.halts.halt(each) for each in (first, Halt(NOW, "Ada", "me too"))] == [True, False]
    assert container.halts.read() == first
    assert [container.halts.lift(), container.halts.lift()] == [True, False]
    assert container.halts.read() is None


def test_a_new_order_is_counted_from_the_moment_it_is_accepted(container: Container) -> None:
    container.ledger.accept(a_new_order(), "key", "print")
    assert container.books.accepted(ALL) == 1
