"""What a shop says of itself, and how orders are found in it."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from datetime import UTC, datetime
from random import randrange

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import NO_SUCH_ROUTE, Primary
from tests.builders import CUSTOMER
from tests.contracts.primary.worlds import (
    BOOK,
    HOUR,
    World,
    only_where_declared,
)


def test_the_health_of_a_primary_names_its_duplicates_rule_and_its_abilities(world: World) -> None:
    health = world.primary.health()

    assert health.duplicates is world.duplicates
    assert health.can >= world.declared


NOT_NAMED: Mapping[str, Callable[[Primary, Order], object]] = {
    "amend": lambda primary, order: primary.amend(order),
    "quotes": lambda primary, order: primary.quote(order),
    "unpaid": lambda primary, order: primary.cancel_unpaid(order.ref),
    "withdrawals": lambda primary, order: primary.withdrawn(order),
}


@pytest.mark.parametrize("word", NOT_NAMED)
def test_what_a_primary_does_not_name_it_does_not_serve(world: World, word: str) -> None:
    if word in world.declared:
        pytest.skip(f"this primary names '{word}'")

    with pytest.raises(Refused) as refusal:
        NOT_NAMED[word](world.primary, world.an_order())

    assert refusal.value.code == NO_SUCH_ROUTE


def test_an_order_that_was_never_placed_is_not_found(world: World) -> None:
    order = world.an_order()

    assert world.primary.find(order.ref) is None
    with pytest.raises(Refused) as refusal:
        world.primary.read(order.ref)
    assert refusal.value.code == "not_found"


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


def test_orders_from_before_are_no_rivals(world: World) -> None:
    order = world.an_order()
    world.primary.place(order)

    assert list(world.primary.rivals(order.cart_id, None, datetime.now(UTC) + HOUR)) == []


def test_every_order_is_listed_once_over_all_pages(world: World) -> None:
    before = datetime.now(UTC)
    placed = [world.primary.place(world.an_order(lines=(replace(BOOK, quantity=1),))) for _ in range(52)]

    turns: list[datetime] = []
    listed = list(world.primary.placed_since(before, lambda: turns.append(datetime.now(UTC))))

    assert turns
    assert [there.ref for there in listed] == [there.ref for there in placed]
    assert list(world.primary.placed_since(datetime.now(UTC) + HOUR)) == []
