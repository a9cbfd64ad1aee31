from __future__ import annotations

from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st
from msgspec.structs import replace

from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart, DeliveryOption, Discount, Line, Tax, Totals, check_totals, offered
from tests.builders import BOOK, SLOT, a_cart
from tests.refusals import refused

amounts = st.integers(0, 10**9)


@st.composite
def carts(draw: st.DrawFn) -> Cart:
    """Carts that add up, in currencies without decimals, with two and with three."""
    lines = tuple(
        Line(f"SKU-{number}", "A thing", draw(st.integers(1, 99)), draw(amounts))
        for number in range(draw(st.integers(1, 5)))
    )
    goods = sum(line.quantity * line.unit_price for line in lines)
    off = draw(st.integers(0, goods))
    tax = Tax(draw(st.booleans()), draw(amounts))
    total = goods - off + (0 if tax.included else tax.amount)
    return Cart(
        shop="demo-shop",
        cart_id="basket-1",
        currency=draw(st.sampled_from(["EUR", "JPY", "KWD"])),
        lines=lines,
        tax=tax,
        delivery=(DeliveryOption("standard", "Standard", 0),),
        totals=Totals(goods, off, tax.amount, total),
        discounts=(Discount("Spring", off),) if off else (),
    )


@given(carts())
def test_totals_that_add_up_are_taken(cart: Cart) -> None:
    check_totals(cart)


@given(carts(), st.sampled_from(["goods", "discount", "tax", "total"]), st.sampled_from([-1, 1]))
def test_totals_that_are_off_by_one_are_refused(cart: Cart, figure: str, by: int) -> None:
    wrong = replace(cart.totals, **{figure: getattr(cart.totals, figure) + by})
    with refused("cart_token", "totals_do_not_add_up", "The prices in this cart do not add up."):
        check_totals(replace(cart, totals=wrong))


def test_a_tax_on_top_is_paid_and_one_inside_is_not_paid_twice() -> None:
    check_totals(a_cart(tax=Tax(True, 100), totals=Totals(2598, 0, 100, 2598)))
    check_totals(a_cart(tax=Tax(False, 100), totals=Totals(2598, 0, 100, 2698)))
    with pytest.raises(Invalid):
        check_totals(a_cart(tax=Tax(True, 100), totals=Totals(2598, 0, 100, 2698)))


@pytest.mark.parametrize("tax", [Tax(True, 0), Tax(False, 5000)], ids=["negative total", "hidden under a tax"])
def test_a_discount_beyond_the_goods_is_refused(tax: Tax) -> None:
    added = 0 if tax.included else tax.amount
    totals = Totals(1000, 1500, tax.amount, 1000 - 1500 + added)
    lines = (Line("BK-1", "A book", 1, 1000),)
    with pytest.raises(Invalid):
        check_totals(a_cart(lines=lines, discounts=(Discount("Too kind", 1500),), tax=tax, totals=totals))


# --- the delivery that the customer chooses


EXPRESS = DeliveryOption("express", "Express", 995, (SLOT,))
PLAIN = DeliveryOption("standard", "Standard", 495)


def test_a_chosen_delivery_has_the_signed_price_and_slot() -> None:
    cart = a_cart(delivery=(PLAIN, EXPRESS))
    chosen = cart.choose("express", SLOT.id)
    assert (chosen.id, chosen.title, chosen.price, chosen.slot) == ("express", "Express", 995, SLOT)
    assert cart.choose("standard", None).price == 495


def test_a_delivery_that_is_not_on_offer_is_refused() -> None:
    with refused("delivery.id", "unknown_delivery", "Choose one of the delivery options of this cart."):
        a_cart(delivery=(PLAIN, EXPRESS)).choose("pigeon", None)


@pytest.mark.parametrize(
    ("option", "slot"),
    [
        pytest.param("express", None, id="its time is missing"),
        pytest.param("express", "2099-01-01-am", id="a time that is not on offer"),
        pytest.param("standard", SLOT.id, id="a time where there is none"),
    ],
)
def test_a_time_that_is_not_on_offer_is_refused(option: str, slot: str | None) -> None:
    with refused("delivery.slot", "unknown_slot", "Choose one of the delivery times on offer."):
        a_cart(delivery=(PLAIN, EXPRESS)).choose(option, slot)


def test_an_order_keeps_five_ways_of_delivery_and_twelve_times_between_them() -> None:
    many = tuple(replace(EXPRESS, id=f"{number}", slots=(SLOT,) * 20) for number in range(7))
    assert offered(a_cart(delivery=many), "GB") == tuple(replace(option, slots=(SLOT,) * 2) for option in many[:5])
    assert offered(a_cart(delivery=many[:1]), "GB") == (replace(many[0], slots=(SLOT,) * 12),)


def test_the_builders_cart_is_one_that_adds_up() -> None:
    cart: Any = a_cart()
    check_totals(cart)
    assert cart.lines == (BOOK,)
