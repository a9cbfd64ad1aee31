"""Lists and counts: each filter and all of them together, page by page, while orders come and go."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from itertools import pairwise

import pytest
from msgspec.structs import replace

from fallback.domain.incident.incident import Span
from fallback.domain.order.holds import Hold, HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order, Payment, PaymentState
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.views import EVERYTHING, OrderFilter, PageOfOrders, Views
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.ledger.order.test_personal_data import NEW, OLD
from tests.ledger.world import IRIS, a_container, a_new_order, accepted
from tests.redis_server import RedisServer

ANA, BEN = "Ana", "Ben"
MISMATCH, OUT_OF_STOCK = HoldCode.MISMATCH, HoldCode.OUT_OF_STOCK


@pytest.fixture
def views(ledger: RedisLedger, redis_server: RedisServer) -> Views:
    return Views(redis_server.client, ledger)


@pytest.fixture
def _few_at_once(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.ledger.order.views.AT_ONCE", 2)
    monkeypatch.setattr("fallback.ledger.order.views.MOST_LOOKED_AT", 4)


def received(ledger: RedisLedger, minutes_ago: int = 0, **changes: object) -> str:
    return accepted(ledger, a_new_order(received_at=NOW - timedelta(minutes=minutes_ago), **changes)).ref


def on_hold(
    ledger: RedisLedger, in_minutes: int, code: HoldCode = MISMATCH, owner: str = ANA, **changes: object
) -> str:
    """An order whose customer hears from us in that many minutes."""
    order = ledger.load(received(ledger, **changes))
    hold = Hold(code, owner, NOW, NOW + timedelta(minutes=in_minutes))
    return ledger.commit(order, replace(order, holds=(hold,)), []).ref


def refs(page: PageOfOrders) -> list[str]:
    return [order.ref for order in page.rows]


def pages(views: Views, wanted: OrderFilter, limit: int) -> Iterator[list[str]]:
    page = views.page(wanted, limit=limit)
    yield refs(page)
    while page.next:
        page = views.page(wanted, page.next, limit)
        yield refs(page)


# --- newest first


def test_every_order_stands_on_one_page_newest_first(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(5)]
    assert list(pages(views, EVERYTHING, 2)) == [kept[:2:-1], kept[2:0:-1], kept[:1]]


def test_a_page_that_is_just_full_is_the_last(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(2)]
    assert list(pages(views, EVERYTHING, 2)) == [kept[::-1]]


def test_nothing_makes_one_empty_page(views: Views) -> None:
    assert list(pages(views, EVERYTHING, 2)) == [[]]
    assert list(pages(views, OrderFilter(hold=MISMATCH, before=NOW), 2)) == [[]]


def test_the_next_page_goes_on_behind_the_last_order_whatever_comes_meanwhile(
    views: Views, ledger: RedisLedger
) -> None:
    kept = [received(ledger) for _ in range(4)]
    first = views.page(limit=2)
    received(ledger)
    assert refs(views.page(after=first.next, limit=2)) == kept[1::-1]


def test_the_next_page_is_found_when_the_order_before_it_has_left_the_list(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(4)]
    first = views.page(OrderFilter(headline=Headline.RECEIVED), limit=2)
    last = ledger.load(kept[2])
    ledger.commit(last, replace(last, payment=Payment(amount=3093, state=PaymentState.AUTHORIZED)), [])
    assert refs(views.page(OrderFilter(headline=Headline.RECEIVED), first.next)) == kept[1::-1]


@pytest.mark.usefixtures("_few_at_once")
def test_where_all_orders_of_a_list_are_wanted_a_page_is_as_long_as_asked(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(6)]
    assert refs(views.page(limit=5)) == kept[:0:-1]


@pytest.mark.usefixtures("_few_at_once")
def test_a_list_that_begins_at_a_time_ends_there(views: Views, ledger: RedisLedger) -> None:
    for _ in range(5):
        received(ledger, minutes_ago=10)
    new = received(ledger)
    assert list(pages(views, OrderFilter(since=NOW), 1)) == [[new]]


# --- filters


def test_a_headline_is_a_filter(views: Views, ledger: RedisLedger) -> None:
    needed = received(ledger, payment=Payment(amount=3093))
    received(ledger)
    assert refs(views.page(OrderFilter(headline=Headline.PAYMENT_NEEDED))) == [needed]


def test_orders_on_hold_come_in_the_order_of_their_next_word(views: Views, ledger: RedisLedger) -> None:
    late, soon = on_hold(ledger, 90), on_hold(ledger, 30)
    on_hold(ledger, 10, OUT_OF_STOCK)
    assert refs(views.page(OrderFilter(hold=MISMATCH))) == [soon, late]


def test_those_who_wait_for_our_word_come_in_the_order_in_which_they_hear(views: Views, ledger: RedisLedger) -> None:
    late, soon, _ = on_hold(ledger, 90), on_hold(ledger, 30, OUT_OF_STOCK), received(ledger)
    assert refs(views.page(OrderFilter(promised=True))) == [soon, late]


def test_an_owner_finds_their_own(views: Views, ledger: RedisLedger) -> None:
    on_hold(ledger, 10, owner=BEN)
    theirs = [on_hold(ledger, minutes) for minutes in (20, 30)]
    assert refs(views.page(OrderFilter(owner=ANA))) == theirs


def test_orders_with_the_same_next_word_are_each_shown_once(views: Views, ledger: RedisLedger) -> None:
    kept = {on_hold(ledger, 30) for _ in range(5)}
    shown = [ref for page in pages(views, OrderFilter(hold=MISMATCH), 2) for ref in page]
    assert (len(shown), {*shown}) == (5, kept)


@pytest.mark.parametrize(("minutes", "count"), [(0, 7), (1, 6), (30, 5), (60, 0), (10_000, 0)])
def test_the_filter_by_age_is_exact_to_the_minute(views: Views, ledger: RedisLedger, minutes: int, count: int) -> None:
    kept = [received(ledger, minutes_ago=ago) for ago in (60, 50, 45, 40, 31, 29, 1)]
    older = views.page(OrderFilter(before=NOW - timedelta(minutes=minutes, seconds=-1 if minutes == 0 else 0)))
    assert refs(older) == kept[:count][::-1]


def test_the_filter_by_age_misses_none_where_a_number_is_nobodys(
    views: Views, ledger: RedisLedger, redis_server: RedisServer
) -> None:
    """As after a repair, where nothing is left of an order."""
    kept = [received(ledger, minutes_ago=ago) for ago in (60, 50, 40, 10)]
    redis_server.client.zrem(keys.RECEIVED, kept[0])
    half_an_hour_ago = NOW - timedelta(minutes=30)
    assert refs(views.page(OrderFilter(before=half_an_hour_ago))) == [kept[2], kept[1]]
    assert refs(views.page(OrderFilter(since=half_an_hour_ago))) == [kept[3]]


def test_filters_hold_together(views: Views, ledger: RedisLedger) -> None:
    old = {"minutes_ago": 60}
    found = [on_hold(ledger, minutes, **old) for minutes in (30, 20, 10)]
    on_hold(ledger, 5, OUT_OF_STOCK, **old)
    on_hold(ledger, 6, owner=BEN, **old)
    received(ledger)
    on_hold(ledger, 7)
    wanted = OrderFilter(headline=Headline.ON_HOLD, hold=MISMATCH, owner=ANA, before=NOW - timedelta(minutes=30))
    assert list(pages(views, wanted, 2)) == [found[:0:-1], found[:1]]


@pytest.mark.parametrize(
    ("span", "expected"), [(Span(0), [4, 3, 2, 1, 0]), (Span(1, 3), [2, 1]), (Span(3), [4, 3]), (Span(2, 2), [])]
)
def test_the_orders_of_an_incident_are_those_accepted_in_it(
    views: Views, ledger: RedisLedger, span: Span, expected: list[int]
) -> None:
    kept = [received(ledger) for _ in range(5)]
    found = [ref for page in pages(views, OrderFilter(span=span), 2) for ref in page]
    assert found == [kept[place] for place in expected]


def test_an_incident_narrows_every_other_filter(views: Views, ledger: RedisLedger) -> None:
    first, late, _ = (on_hold(ledger, minutes, minutes_ago=60) for minutes in (10, 30, 20))
    second = on_hold(ledger, 5)
    assert refs(views.page(OrderFilter(hold=MISMATCH, span=Span(0, 2)))) == [first, late]
    assert refs(views.page(OrderFilter(headline=Headline.ON_HOLD, span=Span(1, 2)))) == [late]
    wanted = OrderFilter(hold=MISMATCH, span=Span(1), before=NOW - timedelta(minutes=30))
    assert second not in refs(views.page(wanted))
    assert len(refs(views.page(wanted))) == 2


@pytest.mark.usefixtures("_few_at_once")
def test_where_filters_rarely_agree_a_page_is_short_and_the_next_one_goes_on(views: Views, ledger: RedisLedger) -> None:
    for minutes in range(5):
        on_hold(ledger, minutes, owner=BEN)
    theirs = on_hold(ledger, 60)
    assert list(pages(views, OrderFilter(hold=MISMATCH, owner=ANA), 50)) == [[], [theirs]]


@pytest.mark.usefixtures("_few_at_once")
def test_a_customers_order_is_found_behind_newer_ones_that_other_filters_leave_out(
    views: Views, ledger: RedisLedger
) -> None:
    held, *_ = on_hold(ledger, 10), received(ledger), received(ledger)
    assert refs(views.page(OrderFilter(email=IRIS.email, hold=MISMATCH, since=NOW))) == [held]


def test_while_keys_are_rotated_a_customers_orders_stand_in_one_list(redis_server: RedisServer) -> None:
    old, both = (a_container(redis_server.url, secret_key=secrets) for secrets in ((OLD,), (NEW, OLD)))
    kept = [received(container.ledger) for container in (old, both, old, old, both)]
    assert list(pages(both.views, OrderFilter(email=IRIS.email), 2)) == [kept[:2:-1], kept[2:0:-1], kept[:1]]


def test_all_of_them_are_read_page_by_page(views: Views, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("fallback.ledger.order.views.AT_ONCE", 2)
    kept = [received(ledger) for _ in range(5)]
    assert [order.ref for order in views.each()] == kept[::-1]
    assert [order.ref for order in views.each(limit=3)] == kept[:1:-1]


# --- counts, and what is new


def test_counts_are_those_of_the_lists(views: Views, ledger: RedisLedger) -> None:
    on_hold(ledger, 30)
    received(ledger)
    counts = views.counts()
    assert {each: count for each, count in counts.headlines.items() if count} == {
        Headline.ON_HOLD: 1,
        Headline.RECEIVED: 1,
    }
    assert {code: count for code, count in counts.holds.items() if count} == {MISMATCH: 1}
    assert counts.promised == 1


def test_the_state_of_a_page_changes_with_each_change_on_it(views: Views, ledger: RedisLedger) -> None:
    def state() -> object:
        return views.versions(OrderFilter(headline=Headline.RECEIVED)), views.counts()

    seen = [state()]
    order: Order = ledger.load(received(ledger))
    seen.append(state())
    ledger.commit(order, replace(order, maybe_taken=True), [])
    seen.append(state())
    on_hold(ledger, 30)
    seen.append(state())
    assert seen[-1] == state()
    assert all(before != after for before, after in pairwise(seen))


def test_a_page_of_which_few_are_wanted_looks_at_a_bounded_number_and_leads_on(
    views: Views, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.order.views.AT_ONCE", 3)
    monkeypatch.setattr("fallback.ledger.order.views.MOST_LOOKED_AT", 4)
    wanted = OrderFilter(hold=MISMATCH, owner=ANA)
    mine = [on_hold(ledger, minutes, owner=ANA if minutes in (1, 6) else BEN) for minutes in range(1, 8)]
    first = views.page(wanted, limit=5)
    assert refs(first) == [mine[0]]
    assert first.next
    assert first.next.ref == mine[3]  # the fourth that it looked at
    last = views.page(wanted, first.next, 5)
    assert (refs(last), last.next) == ([mine[5]], None)


def test_the_state_of_the_second_page_is_that_of_its_orders(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(4)]
    first = views.page(EVERYTHING, limit=2)
    assert views.versions(EVERYTHING, first.next, 2) == [(kept[1], 1), (kept[0], 1)]


def test_a_view_limited_to_zero_orders_is_empty(views: Views, ledger: RedisLedger) -> None:
    kept = [received(ledger) for _ in range(3)]
    assert list(views.each(EVERYTHING, 0)) == []
    assert [order.ref for order in views.each(EVERYTHING, 2)] == kept[:0:-1]


def test_a_limited_view_reads_no_page_beyond_its_limit(
    views: Views, ledger: RedisLedger, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(4):
        received(ledger)
    pages: list[int] = []
    page = views.page
    monkeypatch.setattr(views, "page", lambda *words: pages.append(words[2]) or page(*words))
    assert len(list(views.each(EVERYTHING, 2))) == 2
    assert pages == [2]
