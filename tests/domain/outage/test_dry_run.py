"""The dry run predicts the result for each order: it asks the shop and writes nothing."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, Payment, PaymentState, Placement, PlacementState
from fallback.domain.order.unread import Found, Unread
from fallback.domain.outage.dry_run import NOT_PLACED, DryRunFate, DryRunTotals, Verdict, compared
from fallback.domain.outage.pace import Bounds
from fallback.domain.placement.matching import PrimaryDelivery, Quote
from fallback.domain.placement.rivals import WITHIN
from fallback.usecases.outage.rehearse_drain import rehearse_drain
from tests.builders import BOOK, CUSTOMER, NOW, a_hold, a_payment, a_primary_order, an_order, deps
from tests.fakes.ledger import FakeLedger
from tests.fakes.pace import UNBOUND, FakePace, a_rule
from tests.fakes.primary import FakePrimary


def a_quote(order: Order) -> Quote:
    """The shop would make of it what was agreed."""
    there = a_primary_order(order)
    return Quote(lines=there.lines, delivery=there.delivery, total=there.total, currency=there.currency)


class World:
    def __init__(self) -> None:
        self.ledger = FakeLedger()
        self.primary = FakePrimary()
        self.slept: list[float] = []
        self.pace = FakePace(a_rule(10_000, ramp=False), UNBOUND, seconds=lambda: 1_000.0)
        self.damaged: list[str] = []

    def sleep(self, seconds: float) -> None:
        self.slept.append(seconds)
        self.pace.ahead += seconds

    def order(self, **changes: object) -> Order:
        return self.ledger.keep(an_order(**changes))

    def orders_under(self, wanted: Headline) -> list[Found]:
        orders = [self.ledger.load(ref) for ref in self.ledger.refs()]
        damaged = self.damaged if wanted is Headline.WAITING else []
        return [Found([order for order in orders if headline(order) is wanted], Unread([], damaged))]

    def look(self) -> dict[str, Verdict]:
        looked = rehearse_drain(
            deps(
                orders_under=self.orders_under,
                ledger=self.ledger,
                primary=self.primary,
                pace=self.pace,
                sleep=self.sleep,
            )
        )
        return {seen.ref: seen for seen in looked}

    def fate(self, order: Order) -> tuple[DryRunFate, str]:
        seen = self.look()[order.ref]
        return seen.fate, seen.detail


@pytest.fixture
def world() -> World:
    return World()


def test_an_order_that_the_shop_takes_as_it_is_would_be_placed(world: World) -> None:
    order = world.order()
    assert world.look()[order.ref] == Verdict(order.ref, DryRunFate.PLACED, "", 3093, "EUR")


def test_an_order_that_cannot_be_read_is_named_beside_the_others(world: World) -> None:
    order = world.order()
    world.damaged = [lost := "FB-7K3M-92QX-N"]
    assert world.look() == {
        order.ref: Verdict(order.ref, DryRunFate.PLACED, "", 3093, "EUR"),
        lost: Verdict(lost, DryRunFate.UNREAD, "fallback ledger verify says why", 0, ""),
    }


def test_nothing_is_written_here_or_there(world: World) -> None:
    later = NOW + timedelta(minutes=5)
    orders = [world.order(), world.order(holds=(a_hold(HoldCode.MISMATCH),), received_at=later)]
    world.look()
    assert [world.ledger.load(order.ref) for order in orders] == orders
    assert world.primary.orders == {}
    assert set(world.primary.calls) == {"health", "rivals", "quote"}


CHANGES: dict[str, tuple[Callable[[FakePrimary], None], DryRunFate, str]] = {
    "another price": (lambda shop: shop.prices.update({BOOK.sku: 1499}), DryRunFate.PRICE_CHANGED, BOOK.sku),
    "sold out": (lambda shop: shop.stock.update({BOOK.sku: 1}), DryRunFate.OUT_OF_STOCK, BOOK.sku),
    "another tax": (lambda shop: setattr(shop, "tax", 999), DryRunFate.TAX_CHANGED, "3.19 EUR agreed, 9.99 EUR there"),
    "another sum": (lambda shop: setattr(shop, "surcharge", 100), DryRunFate.PRICE_CHANGED, "total: 30.93 EUR agreed"),
    "a refusal": (
        lambda shop: shop.fail_next("quote", Refused("invalid", "no such place")),
        DryRunFate.REFUSED,
        "no such",
    ),
    "a busy shop": (lambda shop: shop.fail_next("rivals", TryAgain("busy")), DryRunFate.UNKNOWN, "busy"),
    "no answer": (lambda shop: shop.fail_next("quote", OutcomeUnknown("line lost")), DryRunFate.UNKNOWN, "line lost"),
    "quotes not served": (
        lambda shop: shop.fail_next("quote", Refused("no_such_route", "404 to POST quotes")),
        DryRunFate.UNKNOWN,
        "404 to POST quotes",
    ),
    "no quotes": (
        lambda shop: setattr(shop, "can", frozenset()),
        DryRunFate.UNKNOWN,
        "the shop offers no quotes",
    ),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_the_shop_would_not_take_as_it_is_is_told(world: World, change: str) -> None:
    changes, fate, detail = CHANGES[change]
    changes(world.primary)
    told, why = world.fate(world.order())
    assert told is fate
    assert why.startswith(detail)


def test_a_purchase_that_the_shop_has_already_is_a_rival(world: World) -> None:
    order = world.order()
    world.primary.placed_at["77"] = NOW
    world.primary.keep(a_primary_order(order, ref=None, id="77", number="100077", paid=True))
    assert world.fate(order) == (DryRunFate.RIVAL, "100077")


def test_a_similar_order_of_the_same_person_is_a_rival(world: World) -> None:
    first = world.order(customer=CUSTOMER)
    second = world.order(customer=CUSTOMER, received_at=NOW + timedelta(minutes=5))
    assert world.fate(second) == (DryRunFate.RIVAL, first.ref)
    assert world.fate(first)[0] is DryRunFate.PLACED


def test_the_same_pieces_in_more_lines_are_the_same_and_other_pieces_are_not() -> None:
    order = an_order()
    quote = a_quote(order)
    half = replace(quote.lines[0], quantity=1)
    assert compared(order, replace(quote, lines=(half, half))) == (DryRunFate.PRICE_CHANGED, BOOK.sku)
    assert compared(order, replace(quote, lines=(half,))) == (DryRunFate.OTHERWISE, "other lines")
    two = an_order(lines=(BOOK, replace(BOOK, sku="BK-2"), replace(BOOK, sku="BK-3")))
    dearer = tuple(replace(line, unit_price=1) if line.sku != "BK-2" else line for line in a_quote(two).lines)
    assert compared(two, replace(a_quote(two), lines=dearer)) == (DryRunFate.PRICE_CHANGED, "BK-1, BK-3")
    moved = (*a_quote(two).lines[1:], a_quote(two).lines[0])
    assert compared(two, replace(a_quote(two), lines=moved)) == (DryRunFate.PLACED, "")


@pytest.mark.parametrize(
    ("there", "detail"),
    [
        (PrimaryDelivery("standard", None), "delivery: standard"),
        (PrimaryDelivery("standard", "2026-11-23-pm"), "delivery: standard 2026-11-23-pm"),
        (PrimaryDelivery("courier", "2026-11-23-am"), "delivery: courier 2026-11-23-am"),
    ],
)
def test_another_delivery_is_named_as_the_shop_has_it(there: PrimaryDelivery, detail: str) -> None:
    order = an_order()
    assert compared(order, replace(a_quote(order), delivery=there)) == (DryRunFate.OTHERWISE, detail)


def test_other_sums_are_named_with_both() -> None:
    order = an_order()
    quote = a_quote(order)
    assert (
        compared(order, replace(quote, tax=319)) == compared(order, replace(quote, tax=None)) == (DryRunFate.PLACED, "")
    )
    dearer = (DryRunFate.PRICE_CHANGED, "total: 30.93 EUR agreed, 30.94 EUR there")
    assert compared(order, replace(quote, total=3094)) == dearer
    elsewhere = (DryRunFate.PRICE_CHANGED, "total: 30.93 EUR agreed, 30.93 USD there")
    assert compared(order, replace(quote, currency="USD")) == elsewhere


@pytest.mark.parametrize(
    ("there", "can", "answer"),
    [
        ({"ref": None, "paid": True, "lines": ()}, {"cancel_unpaid"}, (DryRunFate.RIVAL, "100077")),
        ({"ref": None, "paid": None}, {"cancel_unpaid"}, (DryRunFate.RIVAL, "100077, perhaps not paid")),
        ({"ref": None, "paid": False}, {"unpaid"}, (DryRunFate.UNKNOWN, "100077 is to be cancelled first")),
        ({"ref": None, "paid": False}, {"cancel"}, (DryRunFate.HELD, "100077 is to be cancelled first")),
        ({"ref": "FB-GIVEN-UP"}, {"cancel"}, (DryRunFate.UNKNOWN, "100077 is to be cancelled first")),
        ({"ref": "FB-GIVEN-UP"}, {"unpaid"}, (DryRunFate.HELD, "100077 is to be cancelled first")),
    ],
)
def test_the_dry_run_finds_rivals_with_the_same_cart(
    world: World, there: dict[str, Any], can: set[str], answer: tuple[DryRunFate, str]
) -> None:
    world.order(ref="FB-GIVEN-UP", placement=PlacementState.CANCELLED, payment=a_payment(PaymentState.VOIDED))
    order = world.order()
    world.primary.can = frozenset(can)
    world.primary.placed_at["77"] = NOW
    world.primary.keep(a_primary_order(order, id="77", number="100077", **there))
    assert world.fate(order) == answer


@pytest.mark.parametrize("can", [{"phone"}, set()])
def test_a_purchase_in_the_shop_is_known_by_its_cart_its_address_or_its_phone_number(
    world: World, can: set[str]
) -> None:
    order = world.order(customer=replace(CUSTOMER, phone="+44 1482 300300"))
    world.primary.can = frozenset({"quotes", *can})
    world.primary.placed_at["77"] = NOW
    world.primary.keep(
        a_primary_order(order, ref=None, id="77", number="100077", cart_id="other", email=None, phone="+44 1482 300300")
    )
    assert world.fate(order) == ((DryRunFate.RIVAL, "100077") if can else (DryRunFate.PLACED, ""))


def test_the_dry_run_ignores_rivals_older_than_a_day() -> None:
    for ago, fate in ((WITHIN, DryRunFate.RIVAL), (WITHIN + timedelta(seconds=1), DryRunFate.PLACED)):
        world = World()
        order = world.order(customer=CUSTOMER)
        world.primary.placed_at["77"] = order.received_at - ago
        world.primary.keep(a_primary_order(order, ref=None, id="77", number="100077", cart_id="other"))
        assert world.fate(order)[0] is fate


def test_the_shop_is_not_asked_about_orders_that_wait_for_people_or_money(world: World) -> None:
    held = world.order(holds=(a_hold(HoldCode.MISMATCH), a_hold(HoldCode.POISON)))
    unpaid = world.order(payment=Payment(amount=3093, state=PaymentState.ACTION_REQUIRED))
    lost = world.order(placement=Placement(state=PlacementState.UNKNOWN))
    assert world.fate(held) == (DryRunFate.HELD, "mismatch: the desk, poison: the desk")
    assert world.fate(unpaid) == (DryRunFate.UNPAID, "action_required")
    assert world.fate(lost) == (DryRunFate.UNKNOWN, "it was sent before, and the response was lost")
    assert set(world.primary.calls) == {"health"}


def test_what_the_shop_has_is_not_looked_at(world: World) -> None:
    world.order(placement=PlacementState.VERIFIED)
    assert world.look() == {}
    assert len(NOT_PLACED) == 5


def test_a_dry_run_keeps_to_the_pace_even_while_the_drain_is_paused(world: World) -> None:
    world.pace = FakePace(a_rule(5, paused=True, ramp=False), UNBOUND, seconds=lambda: 1_000.0)
    for number in range(11):
        world.order(customer=replace(CUSTOMER, email=f"{number}@example.org"))
    assert len(world.look()) == 11
    assert sum(world.slept) == pytest.approx(2, abs=0.2)


def test_a_shop_that_fails_slows_it_down(world: World) -> None:
    world.pace = FakePace(a_rule(50), Bounds(start=1, step=1, captures=1_000), seconds=lambda: 1_000.0)
    world.primary.fail_next("rivals", TryAgain("busy"), times=1_000)
    for _ in range(20):
        world.order()
    world.look()
    assert sum(world.slept) > 15


def test_totals_are_in_orders_and_in_money() -> None:
    totals = DryRunTotals()
    for fate, amount, currency in (
        (DryRunFate.PLACED, 4, "EUR"),
        (DryRunFate.PLACED, 6, "EUR"),
        (DryRunFate.PLACED, 5, "JPY"),
        (DryRunFate.RIVAL, 7, "EUR"),
        (DryRunFate.UNREAD, 0, ""),
    ):
        totals.add(Verdict("FB-1", fate, "", amount, currency))
    assert [(row.fate, row.orders, row.amounts) for row in totals.rows()] == [
        (DryRunFate.PLACED, 3, {"EUR": 10, "JPY": 5}),
        (DryRunFate.RIVAL, 1, {"EUR": 7}),
        (DryRunFate.UNREAD, 1, {}),
    ]
