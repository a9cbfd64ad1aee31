"""The contract of every primary: the fake, the reference shop over HTTP, and in tests/shop the demo's shop."""

from __future__ import annotations

from collections.abc import Callable, Iterator, Mapping
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from functools import partial
from random import randrange
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.cart import Delivery, Line
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, differences
from fallback.domain.placement.primary import CONTACT, CartAlreadyOrdered, Duplicates, Primary
from fallback.primaries.check.visit import captured, withdrew
from fallback.primaries.saleor import primary as saleor
from fallback.primaries.shopify import primary as shopify
from fallback.primaries.woocommerce import primary as woocommerce
from tests.builders import CUSTOMER, an_order
from tests.fakes.primary import FakePrimary
from tests.primaries.saleor.shop import saleor_shop
from tests.primaries.shopify.fake_shop import fake_shop
from tests.primaries.woocommerce.shop import woo_shop
from tests.reference_shop import ReferenceShop, primary_at, serving

# What our own shops declare, and a kind that does not say otherwise.
ALL = frozenset({"amend", "cancel", "slots", "contact", "phone", "quotes", "tombstones", "unpaid", "numbered"})
HOUR = timedelta(hours=1)
# The demo's shop sells this at this price and has more of it than all tests take.
BOOK = Line("BK-1", "The Lighthouse Ledger", 2, 1299)
POST = Delivery("standard", "Standard delivery", 495)


@dataclass
class World:
    """A primary, and the hand of the person who ships its parcels by ref.

    `unpaid`: makes of the order with this ref one that the shop took itself and that waits for its payment.
    `declared`: what the primary has to declare, at least. `delivery`: one of the shop's ways to deliver.
    """

    primary: Primary
    ship: Callable[[str], None]
    unpaid: Callable[[str], None]
    declared: frozenset[str] = ALL
    duplicates: Duplicates = Duplicates.ENFORCED
    delivery: Delivery = POST

    def an_order(self, **changes: Any) -> Order:
        order: Order = an_order(
            **{"lines": (BOOK,), "delivery": self.delivery, "received_at": datetime.now(UTC)} | changes
        )
        return order


@pytest.fixture(params=["fake", "reference", "honouring", "woocommerce", "saleor", "shopify"])
def world(request: pytest.FixtureRequest) -> World:
    built: World = request.getfixturevalue(f"{request.param}_world")
    return built


@pytest.fixture
def stocked_shop() -> FakePrimary:
    shop = FakePrimary()
    shop.stock[BOOK.sku], shop.prices[BOOK.sku] = 100, BOOK.unit_price
    return shop


@pytest.fixture
def fake_world(stocked_shop: FakePrimary) -> World:
    return World(stocked_shop, partial(ship_from, stocked_shop), partial(unpaid_in, stocked_shop))


@pytest.fixture
def reference_world(stocked_shop: FakePrimary) -> Iterator[World]:
    with serving(ReferenceShop(stocked_shop)) as server:
        primary = primary_at(server.url, server.token)
        yield World(primary, partial(ship_from, stocked_shop), partial(unpaid_in, stocked_shop))


@pytest.fixture
def honouring_world(stocked_shop: FakePrimary, reference_world: World) -> World:
    """A shop that places orders at agreed prices, and hears of payments."""
    stocked_shop.can |= {"honours_prices", "payments"}
    return reference_world


@pytest.fixture
def woocommerce_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with woo_shop(request) as shop:
        yield World(shop.primary, shop.ship, shop.unpaid, woocommerce.CAN)


@pytest.fixture
def saleor_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with saleor_shop(request) as shop:
        by_post = replace(POST, id=shop.standard)
        yield World(shop.primary, shop.ship, _has_none, saleor.CAN, Duplicates.KEYED, by_post)


@pytest.fixture
def shopify_world() -> Iterator[World]:
    """A fake of its documented behaviour."""
    with fake_shop() as shop:
        shop.shopify.stock[BOOK.sku], shop.shopify.prices[BOOK.sku] = 1000, "12.99"
        yield World(shop.primary, shop.ship, _has_none, shopify.CAN, Duplicates.KEYED)


def _has_none(ref: str) -> None:
    pytest.fail(f"{ref}: this kind declares no unpaid orders")


def ship_from(shop: FakePrimary, ref: str) -> None:
    shop.keep(replace(shop.orders[ref], status="shipped"))


def unpaid_in(shop: FakePrimary, ref: str) -> None:
    shop.keep(replace(shop.orders.pop(ref), ref=None, status="pending", paid=False))


def only_where_it_can(world: World, word: str) -> None:
    """What a primary does not name is never called. Its answer is recorded, where its exchanges are."""
    if word not in world.primary.health().can:
        pytest.skip(f"this primary does not name '{word}'")


def only_where_declared(world: World, word: str) -> None:
    """The same, for a test whose exchanges with a recorded shop do not begin with that question."""
    if word not in world.declared:
        pytest.skip(f"this primary does not name '{word}'")


def test_the_health_of_a_primary_names_its_duplicates_rule_and_its_abilities(world: World) -> None:
    health = world.primary.health()

    assert health.duplicates is world.duplicates
    assert health.can >= world.declared


def test_an_order_that_was_never_placed_is_not_found(world: World) -> None:
    order = world.an_order()

    assert world.primary.find(order.ref) is None
    with pytest.raises(Refused) as refusal:
        world.primary.read(order.ref)
    assert refusal.value.code == "not_found"


def test_a_placed_order_reads_back_as_agreed(world: World) -> None:
    order = world.an_order()

    placed = world.primary.place(order)

    assert differences(order, placed) == ()
    assert placed.id
    assert placed.number
    assert world.primary.read(order.ref) == world.primary.find(order.ref) == placed


def test_placing_again_answers_the_order_that_is_there(world: World) -> None:
    order = world.an_order()

    assert world.primary.place(order) == world.primary.place(order)


def test_eight_at_once_make_one_order(world: World) -> None:
    order = world.an_order()

    with ThreadPoolExecutor(8) as threads:
        placed = list(threads.map(world.primary.place, [order] * 8))

    assert len({there.id for there in placed}) == 1
    assert len(list(world.primary.rivals(order.cart_id, None, order.received_at - HOUR))) == 1


def test_a_cart_is_ordered_once_and_the_rival_is_told(world: World) -> None:
    if world.duplicates is not Duplicates.ENFORCED:
        pytest.skip("this primary keeps no cart unique")
    first = world.an_order()
    placed = world.primary.place(first)

    with pytest.raises(CartAlreadyOrdered) as answer:
        world.primary.place(world.an_order(cart_id=first.cart_id))

    assert answer.value.rival == placed


def test_what_we_placed_is_paid_and_is_not_cancelled_as_unpaid(world: World) -> None:
    only_where_declared(world, "unpaid")
    order = world.an_order()
    there = world.primary.place(order)
    assert there.paid is True

    with pytest.raises(Refused) as refusal:
        world.primary.cancel_unpaid(there.id)

    assert (refusal.value.code, world.primary.read(order.ref)) == ("already_paid", there)


def test_an_order_of_the_shop_that_waits_for_its_payment_is_cancelled_and_its_cart_is_free(world: World) -> None:
    only_where_declared(world, "unpaid")
    order = world.an_order()
    world.primary.place(order)
    world.unpaid(order.ref)
    [rival] = world.primary.rivals(order.cart_id, None, order.received_at - HOUR)
    assert (rival.ref, rival.paid, rival.status) == (None, False, "pending")

    for _ in range(2):
        assert world.primary.cancel_unpaid(rival.id).status == "cancelled"

    assert world.primary.place(world.an_order(cart_id=order.cart_id)).status != "cancelled"


def test_what_is_not_there_cannot_be_cancelled_as_unpaid(world: World) -> None:
    only_where_declared(world, "unpaid")
    with pytest.raises(Refused) as refusal:
        world.primary.cancel_unpaid("999999999")
    assert refusal.value.code == "not_found"


def test_an_order_that_was_cancelled_before_it_arrived_is_refused(world: World) -> None:
    only_where_declared(world, "tombstones")
    late = world.an_order()

    for _ in range(2):
        assert world.primary.cancel(late.ref) == Cancellation(late.ref, "cancelled")

    with pytest.raises(Refused) as refusal:
        world.primary.place(late)
    assert (refusal.value.code, world.primary.find(late.ref)) == ("cancelled", None)
    assert list(world.primary.rivals(late.cart_id, None, late.received_at - HOUR)) == []
    assert world.primary.place(world.an_order(cart_id=late.cart_id)).status != "cancelled"


def test_a_cancelled_order_cannot_be_placed_again(world: World) -> None:
    only_where_declared(world, "tombstones")
    order = world.an_order()
    placed = world.primary.place(order)
    assert world.primary.cancel(order.ref).number == placed.number

    with pytest.raises(Refused) as refusal:
        world.primary.place(order)

    assert refusal.value.code == "cancelled"
    assert world.primary.read(order.ref).status == "cancelled"


def test_placed_and_cancelled_at_the_same_moment_it_does_not_stand(world: World) -> None:
    only_where_declared(world, "tombstones")
    orders = [world.an_order(lines=(replace(BOOK, quantity=1),)) for _ in range(6)]

    def placed(order: Order) -> None:
        with suppress(Refused):
            world.primary.place(order)

    with ThreadPoolExecutor(12) as threads:
        under_way = [threads.submit(placed, order) for order in orders]
        under_way += [threads.submit(world.primary.cancel, order.ref) for order in orders]
    assert [each.exception() for each in under_way] == [None] * 12

    there = [world.primary.find(order.ref) for order in orders]
    assert {each.status for each in there if each} <= {"cancelled"}


def test_a_cancelled_order_leaves_its_cart_free(world: World) -> None:
    first = world.an_order()
    world.primary.place(first)
    world.primary.cancel(first.ref)
    second = world.an_order(cart_id=first.cart_id)

    assert differences(second, world.primary.place(second)) == ()


def test_more_than_there_is_in_stock_is_refused_with_the_sku(world: World) -> None:
    with pytest.raises(Refused, match="BK-1") as refusal:
        world.primary.place(world.an_order(lines=(replace(BOOK, quantity=9_999),)))

    assert refusal.value.code == "out_of_stock"


def test_another_price_than_todays_is_honoured_or_refused_with_the_sku(world: World) -> None:
    order = world.an_order(lines=(replace(BOOK, unit_price=1199),))
    if "honours_prices" in world.primary.health().can:
        assert differences(order, world.primary.place(order)) == ()
        return

    with pytest.raises(Refused, match="BK-1") as refusal:
        world.primary.place(order)
    assert refusal.value.code == "price_changed"


def test_a_quote_says_what_would_be_placed_and_places_nothing(world: World) -> None:
    only_where_it_can(world, "quotes")
    order = world.an_order()

    quote = world.primary.quote(order)

    assert world.primary.find(order.ref) is None
    placed = world.primary.place(order)
    assert (quote.currency, quote.lines, quote.delivery, quote.total) == (
        placed.currency,
        placed.lines,
        placed.delivery,
        placed.total,
    )
    assert world.primary.quote(order).total == placed.total


def test_a_quote_refuses_what_would_be_refused(world: World) -> None:
    only_where_it_can(world, "quotes")
    first = world.an_order()
    placed = world.primary.place(first)

    refused = {"out_of_stock": replace(BOOK, quantity=9_999)}
    if "honours_prices" not in world.primary.health().can:
        refused["price_changed"] = replace(BOOK, unit_price=1199)
    for code, line in refused.items():
        with pytest.raises(Refused, match="BK-1") as refusal:
            world.primary.quote(world.an_order(lines=(line,)))
        assert refusal.value.code == code
    with pytest.raises(CartAlreadyOrdered) as answer:
        world.primary.quote(world.an_order(cart_id=first.cart_id))
    assert answer.value.rival == placed


def test_rivals_are_orders_of_the_same_cart_or_the_same_person(world: World) -> None:
    order = world.an_order()
    anna = replace(CUSTOMER, email=f"{order.ref.lower()}@example.org")
    same_person, same_cart = world.an_order(customer=anna), order
    for placed in (same_person, same_cart, world.an_order()):
        world.primary.place(placed)

    by_cart = world.primary.rivals(same_cart.cart_id, None, order.received_at - HOUR)
    by_either = world.primary.rivals(same_cart.cart_id, anna.email, order.received_at - HOUR)

    assert [rival.ref for rival in by_cart] == [same_cart.ref]
    assert {rival.ref for rival in by_either} == {same_cart.ref, same_person.ref}


def test_whoever_is_known_by_their_phone_number_only_is_found(world: World) -> None:
    only_where_declared(world, "phone")
    number = f"1512 {randrange(10**6, 10**7)}"
    on_the_phone = world.an_order(customer=replace(CUSTOMER, email="nobody@example.org", phone=f"+49 {number}"))
    world.primary.place(on_the_phone)
    order = world.an_order()
    found = world.primary.rivals(order.cart_id, "iris2@example.org", order.received_at - HOUR, f"0{number}")

    assert "phone" in world.primary.health().can
    assert [rival.ref for rival in found] == [on_the_phone.ref]


def test_how_the_customer_is_reached_can_be_amended_without_the_rest(world: World) -> None:
    only_where_declared(world, "contact")
    order = world.an_order()
    world.primary.place(order)
    reached = replace(order.customer, email="murdoch@example.org", phone="+49 1512 3456789")
    elsewhere = replace(reached, address=replace(reached.address, line1="2 Quay"))
    world.primary.amend(replace(order, customer=elsewhere), CONTACT)

    assert "contact" in world.primary.health().can
    there = world.primary.read(order.ref)
    assert (there.email, differences(order, there)) == ("murdoch@example.org", ())
    assert there.phone
    assert there.phone.replace(" ", "") == "+4915123456789"


def test_it_hears_how_the_payment_stands_and_refuses_an_older_report(world: World) -> None:
    only_where_it_can(world, "payments")
    order = world.an_order()
    world.primary.place(order)

    for number in (2, 2, 3):
        world.primary.payment_changed(captured(order, number))

    assert differences(order, world.primary.read(order.ref)) == ()
    with pytest.raises(Refused) as refusal:
        world.primary.payment_changed(captured(order, 1))
    assert refusal.value.code == "outdated"


def test_it_hears_what_the_customer_withdrew_from_and_refuses_an_older_report(world: World) -> None:
    only_where_it_can(world, "withdrawals")
    order = world.an_order()
    world.primary.place(order)
    once, twice = withdrew(order, 1), withdrew(order, 2)

    for told in (once, once, twice):
        world.primary.withdrawn(told)

    assert differences(order, world.primary.read(order.ref)) == ()
    with pytest.raises(Refused) as refusal:
        world.primary.withdrawn(once)
    assert refusal.value.code == "outdated"


def test_orders_from_before_are_no_rivals(world: World) -> None:
    order = world.an_order()
    world.primary.place(order)

    assert list(world.primary.rivals(order.cart_id, None, datetime.now(UTC) + HOUR)) == []


def test_an_amended_order_reads_back_as_agreed_now(world: World) -> None:
    only_where_declared(world, "amend")
    order = world.an_order()
    world.primary.place(order)
    moved = replace(order.customer, address=replace(order.customer.address, line1="2 Quay"))
    amended = world.an_order(ref=order.ref, cart_id=order.cart_id, lines=(replace(BOOK, quantity=3),), customer=moved)

    assert differences(amended, world.primary.amend(amended)) == ()
    assert differences(amended, world.primary.read(order.ref)) == ()
    assert differences(order, world.primary.read(order.ref)) != ()


def numbered(order: Order, number: int, line1: str) -> Order:
    """The order, to go to another street, as the change with this number."""
    assert order.customer
    address = replace(order.customer.address, line1=line1)
    placement = replace(order.placement, amendments=number)
    return replace(order, customer=replace(order.customer, address=address), placement=placement)


def test_a_change_that_comes_after_a_later_one_is_refused(world: World) -> None:
    only_where_declared(world, "numbered")
    order = world.an_order()
    world.primary.place(order)
    first, second = numbered(order, 1, "2 Quay"), numbered(order, 3, "3 Quay")
    assert world.primary.amend(second).amendment == 3

    with pytest.raises(Refused) as refusal:
        world.primary.amend(first)

    there = world.primary.read(order.ref)
    assert (refusal.value.code, there.amendment, differences(second, there)) == ("outdated", 3, ())


def test_a_change_that_comes_twice_changes_nothing_the_second_time(world: World) -> None:
    only_where_declared(world, "amend")
    order = world.an_order()
    world.primary.place(order)
    moved = numbered(order, 1, "2 Quay")
    answers = [world.primary.amend(moved) for _ in range(2)]
    assert answers[0] == answers[1] == world.primary.read(order.ref)
    assert world.primary.amend(numbered(order, 1, "3 Quay")) == answers[0]


def test_a_change_that_is_refused_leaves_the_number_as_it_was(world: World) -> None:
    only_where_declared(world, "amend")
    order = world.an_order()
    world.primary.place(order)
    absurd = replace(numbered(order, 2, "2 Quay"), lines=(replace(BOOK, quantity=9999),))
    with pytest.raises(Refused):
        world.primary.amend(absurd)
    assert world.primary.amend(numbered(order, 1, "3 Quay")).amendment == 1


def test_what_was_cancelled_is_not_amended(world: World) -> None:
    only_where_declared(world, "amend")
    order = world.an_order()
    world.primary.place(order)
    world.primary.cancel(order.ref)
    with pytest.raises(Refused) as refusal:
        world.primary.amend(numbered(order, 1, "2 Quay"))
    assert refusal.value.code == "cancelled"


def test_a_cancelled_order_is_cancelled_and_may_be_cancelled_again(world: World) -> None:
    order = world.an_order()
    world.primary.place(order)

    assert world.primary.cancel(order.ref).status == "cancelled"
    assert world.primary.cancel(order.ref).status == "cancelled"
    assert world.primary.read(order.ref).status == "cancelled"


CHANGES: Mapping[str, Callable[[Primary, Order], object]] = {
    "amend": lambda primary, order: primary.amend(order),
    "cancel": lambda p, order: p.cancel(order.ref),
}


@pytest.mark.parametrize("change", CHANGES)
def test_what_was_shipped_is_neither_amended_nor_cancelled(world: World, change: str) -> None:
    only_where_declared(world, change)
    order = world.an_order()
    world.primary.place(order)
    world.ship(order.ref)

    with pytest.raises(Refused) as refusal:
        CHANGES[change](world.primary, order)

    assert refusal.value.code == "already_shipped"
    assert world.primary.read(order.ref).status == "shipped"


def test_every_order_is_listed_once_over_all_pages(world: World) -> None:
    before = datetime.now(UTC)
    placed = [world.primary.place(world.an_order(lines=(replace(BOOK, quantity=1),))) for _ in range(52)]

    listed = list(world.primary.placed_since(before))

    assert [there.ref for there in listed] == [there.ref for there in placed]
    assert list(world.primary.placed_since(datetime.now(UTC) + HOUR)) == []
