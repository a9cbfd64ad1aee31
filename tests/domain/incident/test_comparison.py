"""Differences of our indexes, Stripe and the shop from the orders are named after asking both again."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.incident.balance import Count, Difference, DifferenceCode, Figures, Side, fate_of
from fallback.domain.incident.comparison import (
    ASKED_SINGLY,
    AT_ONCE,
    CLOCK_SKEW,
    really_missing,
    with_indexes,
    with_provider,
    with_shop,
)
from fallback.domain.incident.incident import Span
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.grants import NO_INCIDENT, Grant, GrantKind, GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Attempt, Call, Order, PaymentState, PlacementState
from fallback.domain.payment.gateway import Intent, IntentState
from tests.builders import NOW, a_hold, a_payment, a_primary_order, an_order
from tests.fakes.books import FakeBooks
from tests.fakes.gateway import FakeGateway
from tests.fakes.ledger import FakeLedger
from tests.fakes.primary import FakePrimary

INCIDENT = "2026-11-21-100000"
LEDGER, PROVIDER, SHOP = Side.LEDGER, Side.PROVIDER, Side.SHOP
SPANS = [Span(0)]


class World:
    def __init__(self) -> None:
        self.now = NOW
        self.ledger = FakeLedger()
        self.books = FakeBooks(self.ledger)
        self.gateway = FakeGateway(clock=lambda: self.now)
        self.shop = FakePrimary()

    def settled(self, **changes: Any) -> Order:
        payment = a_payment(PaymentState.CAPTURED, intent=None)
        return self.ledger.keep(an_order(**({"payment": payment, "placement": PlacementState.VERIFIED} | changes)))

    def charged(self, ref: str, captured: int = 3093, refunded: int = 0) -> Intent:
        made = self.gateway.create(ref, an_order().total, f"{ref}:{len(self.gateway.intents)}")
        intent = replace(made, state=IntentState.CAPTURED, captured=captured, refunded=refunded)
        self.gateway.intents[made.id] = intent
        return intent

    def in_shop(self, order: Order, **changes: Any) -> None:
        id = f"{len(self.shop.placed_at)}"
        self.shop.placed_at[id] = self.now
        self.shop.keep(a_primary_order(order, id=id, **changes))

    def metrics(self) -> Count:
        metrics = Count(INCIDENT, frozenset())
        for ref in self.ledger.refs():
            metrics.add(self.ledger.load(ref), [])
        return metrics

    def indexes(self, metrics: Count, accepted: int) -> list[Difference]:
        return with_indexes(metrics, SPANS, accepted, INCIDENT, self.books, self.ledger)

    def stripe(self) -> list[Difference]:
        return with_provider(self.metrics().figures, self.gateway, self.books, self.ledger, NOW)

    def says_the_shop(self) -> list[Difference]:
        return with_shop(self.metrics().figures, self.shop, self.books, self.ledger, NOW)


@pytest.fixture
def world() -> World:
    return World()


# --- our own indexes


def test_indexes_that_say_the_same_are_no_difference(world: World) -> None:
    world.settled()
    world.ledger.keep(an_order())
    assert world.indexes(world.metrics(), 2) == []


def test_each_order_that_an_index_has_elsewhere_is_named(world: World) -> None:
    orders = [world.settled(), world.settled(), world.ledger.keep(an_order()), world.settled()]
    world.books.moved = {orders[0].ref: Headline.WAITING, orders[2].ref: Headline.ON_HOLD}
    misplaced = sorted([orders[0].ref, orders[2].ref])
    assert world.indexes(world.metrics(), 4) == [Difference(LEDGER, DifferenceCode.INDEX, ref) for ref in misplaced]
    world.books.moved = {each.ref: Headline.MERGED for each in orders if headline(each) is Headline.SETTLED}
    assert len(world.indexes(world.metrics(), 4)) == 3


def test_an_order_that_a_second_index_has_too_is_named_though_no_order_belongs_there(world: World) -> None:
    order = world.settled()
    world.settled()
    world.books.also = {order.ref: Headline.MERGED}
    assert world.indexes(world.metrics(), 2) == [Difference(LEDGER, DifferenceCode.INDEX, order.ref)]


def test_an_order_that_was_accepted_and_is_not_there_is_lost(world: World) -> None:
    world.settled()
    lost = Difference(LEDGER, DifferenceCode.LOST, detail="3 accepted, 1 there")
    assert world.indexes(world.metrics(), 3) == [lost]


def test_the_booked_sum_differs_if_a_grant_was_changed(world: World) -> None:
    grant = Grant(
        id=1, kind=GrantKind.GOODWILL, amount=500, reason="waited", who="Ann", at=NOW, incident=INCIDENT,
        state=GrantState.GRANTED,
    )  # fmt: skip
    world.settled(grants=(grant,))
    metrics = world.metrics()
    assert world.indexes(metrics, 1) == []
    world.ledger.keep(an_order(grants=(replace(grant, amount=20),)))
    figures = metrics.figures | world.metrics().figures
    metrics.figures = figures
    metrics.by_headline = world.metrics().by_headline
    detail = "goodwill: 5.00 EUR granted, 5.20 EUR booked"
    assert world.indexes(metrics, 2) == [Difference(LEDGER, DifferenceCode.BOOKED, detail=detail)]
    assert with_indexes(metrics, SPANS, 2, NO_INCIDENT, world.books, world.ledger) == []


# --- Stripe


def test_what_stripe_has_taken_and_given_back_agrees(world: World) -> None:
    world.charged(world.settled().ref)
    back = world.settled(payment=a_payment(PaymentState.CAPTURED, intent=None, refunded=93))
    world.charged(back.ref, refunded=93)
    again = world.settled(payment=a_payment(PaymentState.CAPTURED, intent=None, captured=6186, refunded=3093))
    world.charged(again.ref, refunded=3093)
    world.charged(again.ref)
    assert world.stripe() == []
    assert world.gateway.calls["retrieve"] == 0, "what agrees is not asked for one by one"


def test_other_sums_are_told_with_both(world: World) -> None:
    less, back, none = world.settled(ref="FB-1"), world.settled(ref="FB-2"), world.settled(ref="FB-3")
    world.charged(less.ref, captured=3000)
    world.charged(back.ref, refunded=1)
    assert world.stripe() == [
        Difference(PROVIDER, DifferenceCode.CAPTURED, "FB-1", "30.93 EUR here, 30.00 EUR there"),
        Difference(PROVIDER, DifferenceCode.REFUNDED, "FB-2", "0.00 EUR here, 0.01 EUR there"),
        Difference(PROVIDER, DifferenceCode.CAPTURED, none.ref, "30.93 EUR here, 0.00 EUR there"),
    ]


def test_two_charges_that_are_kept_are_told_although_the_sum_agrees(world: World) -> None:
    payment = a_payment(PaymentState.CAPTURED, intent=None, captured=6186)
    world.settled(ref="FB-1", payment=payment)
    ids = [world.charged("FB-1").id for _ in range(2)]
    assert world.stripe() == [Difference(PROVIDER, DifferenceCode.TWICE, "FB-1", ", ".join(ids))]


def test_an_order_that_changed_during_the_comparison_is_no_difference(world: World) -> None:
    attempt = Attempt(Call.CAPTURE, "key", NOW)
    under_way = world.settled(payment=a_payment(PaymentState.CAPTURED, attempt=attempt))
    order = world.settled()
    figures = world.metrics().figures
    late = world.charged(order.ref)
    world.gateway.intents[late.id] = replace(late, captured=0)
    moved = replace(order, payment=replace(order.payment, captured=0, state=PaymentState.AUTHORIZED))
    world.ledger.commit(order, moved, [])
    assert with_provider(figures, world.gateway, world.books, world.ledger, NOW) == []
    assert under_way.ref in figures


def test_a_charge_that_is_older_than_the_list_is_asked_for_by_its_id(world: World) -> None:
    world.now = NOW - timedelta(days=1)
    old = world.charged("FB-1")
    world.settled(ref="FB-1", payment=a_payment(PaymentState.CAPTURED, intent=old.id))
    assert world.stripe() == []


def test_a_charge_without_an_order_in_the_ledger_is_a_stranger(world: World) -> None:
    world.settled(ref="FB-1", payment=a_payment(PaymentState.AUTHORIZED, intent="pi_gone"))
    world.charged("FB-STRANGE")
    elsewhere = world.ledger.keep(an_order())
    world.charged(elsewhere.ref)
    without = {ref: each for ref, each in world.metrics().figures.items() if ref != elsewhere.ref}
    assert with_provider(without, world.gateway, world.books, world.ledger, NOW) == [
        Difference(PROVIDER, DifferenceCode.STRANGER, "FB-STRANGE")
    ]


def test_clocks_that_differ_hide_no_charge(world: World) -> None:
    order = world.settled()
    world.now = NOW - CLOCK_SKEW
    world.charged(order.ref)
    assert world.stripe() == []
    world.now -= timedelta(seconds=1)
    world.charged("FB-LONG-AGO")
    assert world.stripe() == []


# --- the shop


def test_what_the_shop_has_as_agreed_is_no_difference(world: World) -> None:
    for _ in range(AT_ONCE + 1):
        world.in_shop(world.settled())
    world.in_shop(an_order(ref="FB-OF-ANOTHER-DAY"))
    world.in_shop(an_order(ref="NONE"), ref=None)
    assert world.says_the_shop() == []
    assert world.shop.calls["find"] == 0


def test_what_is_not_as_agreed_is_told_with_all_that_is_different(world: World) -> None:
    first, second = world.settled(ref="FB-1"), world.settled(ref="FB-2")
    world.in_shop(first, total=1, currency="USD")
    world.in_shop(second, total=1)
    one, two = world.says_the_shop()
    assert (one.side, one.code, one.ref, one.detail) == (
        SHOP,
        DifferenceCode.DIFFERENT,
        "FB-1",
        "total: 30.93 EUR agreed, 0.01 USD there; currency: EUR agreed, USD there",
    )
    assert (two.code, two.ref) == (DifferenceCode.DIFFERENT, "FB-2")


def test_what_was_undone_here_and_stands_there_is_told(world: World) -> None:
    undone = an_order(ref="FB-1", payment=a_payment(PaymentState.VOIDED), placement=PlacementState.CANCELLED)
    world.in_shop(world.ledger.keep(undone))
    assert world.says_the_shop() == [Difference(SHOP, DifferenceCode.STILL_THERE, "FB-1", "100001")]


@pytest.mark.parametrize(
    "changes",
    [
        {"holds": (a_hold(HoldCode.MISMATCH),)},
        {"payment": a_payment(PaymentState.AUTHORIZED)},
        {"amendment": Amendment(who="customer", since=NOW, what="lines", address=True)},
    ],
)
def test_what_is_on_hold_or_under_way_is_not_compared(world: World, changes: dict[str, Any]) -> None:
    world.in_shop(world.settled(**changes), total=1)
    world.settled(**changes)
    assert world.says_the_shop() == []


@pytest.mark.parametrize(
    ("moved", "there"),
    [
        ({"amendment": Amendment(who="customer", since=NOW, what="lines", address=True)}, {"total": 1}),
        ({"placement": an_order(placement=PlacementState.CANCELLED).placement}, {"status": "cancelled"}),
    ],
)
def test_what_is_changed_or_undone_meanwhile_is_no_difference(
    world: World, moved: dict[str, Any], there: dict[str, Any]
) -> None:
    order = world.settled()
    world.in_shop(order, **there)
    figures = world.metrics().figures
    world.ledger.commit(order, replace(order, **moved), [])
    assert with_shop(figures, world.shop, world.books, world.ledger, NOW) == []


def test_an_order_that_cannot_be_read_any_more_is_neither_different_nor_missing(world: World) -> None:
    order = world.settled()
    world.in_shop(order, total=1)
    figures = world.metrics().figures
    world.books.unread.add(order.ref)
    assert with_shop(figures, world.shop, world.books, world.ledger, NOW) == []


def test_an_order_that_the_shop_does_not_have_is_missing(world: World) -> None:
    gone = world.settled(ref="FB-1")
    world.in_shop(world.settled())
    world.settled(payment=a_payment(PaymentState.REFUNDED, intent=None))
    assert world.says_the_shop() == [Difference(SHOP, DifferenceCode.MISSING, gone.ref)]


def test_what_is_not_in_the_list_and_there_when_it_is_asked_for_is_not_missing(world: World) -> None:
    order = world.settled()
    world.now = NOW - CLOCK_SKEW - timedelta(seconds=1)
    world.in_shop(order)
    assert world.says_the_shop() == []
    assert world.shop.calls["find"] == 1


def test_a_list_that_misses_everything_is_believed_after_some_questions(world: World) -> None:
    refs = [f"FB-{number}" for number in range(ASKED_SINGLY + 10)]
    assert list(really_missing(world.shop, refs)) == refs
    assert world.shop.calls["find"] == ASKED_SINGLY
    world.in_shop(an_order(ref="FB-0"))
    assert list(really_missing(world.shop, refs)) == refs[1:]
    assert world.shop.calls["find"] == ASKED_SINGLY + len(refs)


def test_no_more_orders_are_read_at_once_than_redis_answers_quickly(
    world: World, monkeypatch: pytest.MonkeyPatch
) -> None:
    for _ in range(AT_ONCE + 1):
        world.in_shop(world.settled())
    read: list[int] = []
    orders = world.books.orders
    monkeypatch.setattr(world.books, "orders", lambda refs: read.append(len(refs)) or orders(refs))
    assert world.says_the_shop() == []
    assert read == [AT_ONCE, 1]


def test_the_figures_of_an_order_are_those_that_are_compared(world: World) -> None:
    order = world.settled()
    assert world.metrics().figures[order.ref] == Figures(
        3093, 0, fate_of(order, frozenset()), Headline.SETTLED, PlacementState.VERIFIED
    )
