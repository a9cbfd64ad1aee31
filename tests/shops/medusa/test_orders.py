"""What the contract does not ask of every shop: how Medusa comes to the agreed sums, and what it leaves to people."""

from __future__ import annotations

from functools import partial

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Refused
from fallback.domain.order.cart import Discount, Line, Tax
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import CONTACT
from tests.shops.medusa.running import Medusa, MedusaWorld, orders_with

OTHER = Line("BK-2", "The Sea, the Sea", 1, 950)


def test_tax_that_is_added_and_a_discount_come_to_the_agreed_total(medusa: Medusa, world: MedusaWorld) -> None:
    """Two books, 8.25 % tax on what the discount leaves, a delivery with its tax: 25.98 - 2.00 + 1.98 + 5.36."""
    address = replace(world.an_order().customer.address, country="US", region="us-ny")  # type: ignore[type-var,union-attr]
    order = world.an_order(
        currency="USD",
        tax=Tax(False, 198),
        discounts=(Discount("AUTUMN", 200),),
        delivery=replace(world.post, price=536),
        customer=replace(world.an_order().customer, address=address),  # type: ignore[type-var]
    )

    assert differences(order, world.primary.place(order)) == ()
    assert order.payment.amount == 3132


def test_what_medusa_does_not_make_as_agreed_is_removed_and_refused(medusa: Medusa, world: MedusaWorld) -> None:
    order = world.an_order(tax=Tax(False, 100))

    with pytest.raises(Refused) as refusal:
        world.primary.place(order)

    assert (refusal.value.code, orders_with(medusa, order.ref)) == ("price_changed", 0)


def test_an_edit_that_an_agent_has_open_is_left_alone(medusa: Medusa, world: MedusaWorld) -> None:
    order = world.an_order()
    there = world.primary.place(order)
    medusa.admin("POST", "order-edits", order_id=there.id, internal_note="by hand")

    with pytest.raises(Refused) as refusal:
        world.primary.amend(world.an_order(ref=order.ref, cart_id=order.cart_id, lines=(world.book, OTHER)))

    assert refusal.value.code == "edit_open"
    changes = medusa.admin("GET", f"orders/{there.id}/changes?fields=status")["order_changes"]
    assert [change["status"] for change in changes] == ["pending"]


def test_only_how_the_customer_is_reached_is_told_where_no_more_changed(medusa: Medusa, world: MedusaWorld) -> None:
    order = world.an_order()
    world.primary.place(order)
    change = partial(world.primary.amend, names=CONTACT)

    there = change(replace(order, customer=replace(order.customer, phone="+44 1482 300300")))  # type: ignore[type-var]

    assert there.phone == "+44 1482 300300"
    assert medusa.admin("GET", f"fallback/orders/{order.ref}")["order"]["version"] == 1


def test_an_honoured_price_comes_back_with_that_of_today(world: MedusaWorld) -> None:
    order = world.an_order(lines=(replace(world.book, unit_price=1199), OTHER))

    lines = {line.sku: line for line in world.primary.place(order).lines}

    assert (lines["BK-1"].unit_price, lines["BK-1"].price_now) == (1199, 1299)
    assert lines["BK-2"].price_now is None


def test_a_change_with_discounts_comes_to_the_agreed_total(world: MedusaWorld) -> None:
    order = world.an_order(lines=(world.book, OTHER), discounts=(Discount("AUTUMN", 200),))
    world.primary.place(order)

    for quantity, amount in ((3, 200), (4, 350), (4, 100), (2, 0)):
        wanted = world.an_order(
            ref=order.ref,
            cart_id=order.cart_id,
            lines=(replace(world.book, quantity=quantity), OTHER),
            discounts=(Discount("AUTUMN", amount),) if amount else (),
        )
        assert differences(wanted, world.primary.amend(wanted)) == ()
