"""Changing an order in the shop: the newest change stands, and what has left is not changed."""

from __future__ import annotations

from collections.abc import Callable, Mapping

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import CONTACT, Primary
from tests.contracts.primary.worlds import (
    BOOK,
    World,
    only_where_declared,
)


def test_an_amended_order_reads_back_as_agreed_now(world: World) -> None:
    only_where_declared(world, "amend")
    order = world.an_order()
    world.primary.place(order)
    moved = replace(order.customer, address=replace(order.customer.address, line1="2 Quay"))
    amended = world.an_order(ref=order.ref, cart_id=order.cart_id, lines=(replace(BOOK, quantity=3),), customer=moved)

    assert differences(amended, world.primary.amend(amended)) == ()
    assert differences(amended, world.primary.read(order.ref)) == ()
    assert differences(order, world.primary.read(order.ref)) != ()


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
