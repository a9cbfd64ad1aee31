"""The books, in memory and in Redis: a scan finds every order of an incident, and results are stored."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict
from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.incident.balance import Count
from fallback.domain.incident.comparison import with_indexes
from fallback.domain.incident.incident import Span
from fallback.domain.incident.running_totals import RunningTotals
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order
from fallback.domain.order.refs import new_ref
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.incident.halts import RedisHalts
from tests.builders import NOW, a_hold
from tests.fakes.books import FakeBooks, FakeHalts
from tests.ledger.world import a_new_order, accepted

INCIDENT = "2026-11-21-100000"
ALL = Span(0)


@pytest.fixture
def books(house: Container) -> RedisBooks | FakeBooks:
    return house.books


@pytest.fixture
def halts(house: Container) -> RedisHalts | FakeHalts:
    return house.halts


def received(house: Container, count: int) -> list[str]:
    return [accepted(house.ledger).ref for _ in range(count)]


def held(house: Container) -> Order:
    order = accepted(house.ledger)
    return house.ledger.commit(order, replace(order, holds=(a_hold("mismatch"),)), [])


def scanned(house: Container, span: Span) -> Count:
    metrics = Count(INCIDENT, frozenset())
    for order, timeline in house.books.scan(span):
        metrics.add(order, timeline)
    return metrics


def compared(house: Container, span: Span = ALL) -> list[tuple[str, str]]:
    books, metrics = house.books, scanned(house, span)
    found = with_indexes(metrics, [span], books.accepted(span), INCIDENT, books, house.ledger)
    return [(each.code, each.ref) for each in found]


def test_a_scan_reads_timelines_and_no_personal_data(house: Container) -> None:
    accepted(house.ledger)
    [(order, timeline)] = house.books.scan(ALL)
    assert (order.customer, order.version, [event.what for event in timeline]) == (None, 1, ["received"])


def test_orders_of_a_time_begin_with_its_first(house: Container) -> None:
    received(house, 2)
    assert house.books.since(NOW) == ALL
    assert house.books.since(NOW.replace(year=2027)) == Span(2)


def test_indexes_that_agree_are_no_difference(house: Container) -> None:
    received(house, 3)
    held(house)
    assert house.books.by_headline(Span(1)) == {Headline.RECEIVED: 2, Headline.ON_HOLD: 1}
    assert compared(house) == compared(house, Span(2, 3)) == []


def test_what_was_counted_is_kept_and_whoever_asks_for_it_is_answered(house: Container) -> None:
    books, balance = house.books, scanned(house, ALL).balance(NOW, 0, [], {})
    assert books.balance(INCIDENT) is None
    books.keep(balance)
    assert books.balance(INCIDENT) == balance
    books.ask(INCIDENT)
    books.ask(INCIDENT)
    assert books.asked() == [INCIDENT]
    books.answered(INCIDENT)
    assert books.asked() == []


def test_the_last_audit_and_the_last_till_are_kept(books: RedisBooks | FakeBooks) -> None:
    assert (books.last_audit(), books.last_running_totals()) == (None, None)
    audit, totals = Audit(NOW, NOW, 3, ("FB-1",), 1), RunningTotals(NOW, {"EUR": 100}, {"EUR": 90}, {})
    books.keep_audit(audit)
    books.keep_running_totals(totals)
    assert (books.last_audit(), books.last_running_totals()) == (audit, totals)


def test_a_halt_stands_until_it_is_lifted(halts: RedisHalts | FakeHalts) -> None:
    first = Halt(NOW, "fallback", "the shop forgets")
    assert halts.read() is None
    assert [halts.halt(each) for each in (first, Halt(NOW, "Ada", "me too"))] == [True, False]
    assert halts.read() == first
    assert [halts.lift(), halts.lift()] == [True, False]
    assert halts.read() is None


def test_a_newer_halt_than_the_one_that_somebody_saw_stands(halts: RedisHalts | FakeHalts) -> None:
    seen, newer = (Halt(NOW + timedelta(hours=hour), "fallback", "the shop forgets") for hour in (0, 1))
    halts.halt(newer)
    with pytest.raises(Conflict):
        halts.lift(seen.tag)
    assert halts.read() == newer
    assert [halts.lift(newer.tag), halts.lift(newer.tag)] == [True, False]


def test_a_new_order_is_counted_from_the_moment_it_is_accepted(house: Container) -> None:
    house.ledger.accept(a_new_order(), "key", "print")
    assert house.books.accepted(ALL) == 1


def test_orders_are_found_in_the_span_and_in_the_list_of_their_headline(
    house: Container, books: RedisBooks | FakeBooks
) -> None:
    kept = received(house, 4)
    one = held(house)
    assert [order.ref for order, _ in books.scan(Span(1, 3))] == kept[1:3]
    assert [books.accepted(span) for span in (Span(1, 3), Span(4), Span(5))] == [2, 1, 0]
    assert books.listed(ALL, Headline.ON_HOLD) == {one.ref}
    assert books.listed(Span(1, 3), Headline.RECEIVED) == set(kept[1:3])
    assert books.misplaced([*kept, one.ref]) == []
    assert books.by_headline(Span(1, 3))[Headline.RECEIVED] == 2


def test_an_order_that_is_not_there_is_left_out(house: Container, books: RedisBooks | FakeBooks) -> None:
    [ref] = received(house, 1)
    assert [order.ref for order in books.orders([new_ref(), ref])] == [ref]


def test_answering_a_count_that_nobody_requested_is_harmless(books: RedisBooks | FakeBooks) -> None:
    books.answered(INCIDENT)
    assert books.asked() == []
