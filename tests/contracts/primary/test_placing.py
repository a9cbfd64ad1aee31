"""Placing an order in the shop, what it would be there, and how the shop hears of the money."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import CartAlreadyOrdered, Duplicates
from fallback.primaries.check.visit import captured, withdrew
from tests.contracts.primary.worlds import (
    BOOK,
    HOUR,
    World,
    only_where_declared,
    only_where_it_can,
)


def test_a_placed_order_reads_back_as_agreed(world: World) -> None:
    order = world.an_order()

    placed = world.primary.place(order)

    assert differences(order, placed) == ()
    assert placed.id
    assert placed.number
    assert world.primary.read(order.ref) == world.primary.find(order.ref) == placed


def test_a_delivery_time_is_kept_with_the_order(world: World) -> None:
    only_where_declared(world, "slots")
    order = world.an_order()
    if world.slot is None:
        pytest.skip("this shop delivers at times of its own only: tests/shop")
    order = replace(order, delivery=replace(order.delivery, slot=world.slot))

    assert differences(order, world.primary.place(order)) == ()

    there = world.primary.read(order.ref).delivery
    assert there
    assert there.slot == world.slot.id


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
