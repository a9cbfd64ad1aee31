"""Cancelling an order in the shop, also before it came, and the shop's own unpaid ones."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import Cancellation, differences
from tests.contracts.primary.worlds import (
    BOOK,
    HOUR,
    World,
    only_where_declared,
)


def test_a_cancelled_order_is_cancelled_and_may_be_cancelled_again(world: World) -> None:
    order = world.an_order()
    world.primary.place(order)

    assert world.primary.cancel(order.ref).status == "cancelled"
    assert world.primary.cancel(order.ref).status == "cancelled"
    assert world.primary.read(order.ref).status == "cancelled"


def test_a_cancelled_order_leaves_its_cart_free(world: World) -> None:
    first = world.an_order()
    world.primary.place(first)
    world.primary.cancel(first.ref)
    second = world.an_order(cart_id=first.cart_id)

    assert differences(second, world.primary.place(second)) == ()


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
