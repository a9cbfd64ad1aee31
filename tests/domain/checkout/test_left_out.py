"""An item that the shop has too few of is left out, and the rest of the cart is bought."""

from __future__ import annotations

import pytest
from msgspec import structs

from fallback.domain.checkout.left_out import may_leave_out, without
from fallback.domain.order.cart import Cart, Destination, Discount, Line, Tax, Totals, check_totals
from tests.builders import a_cart
from tests.refusals import refused

BOOKS, LAMP = Line("BK-1", "Books", 2, 1500, available=1), Line("LP-1", "Lamp", 1, 1000, available=0)
GIFT, PEN = Line("GI-1", "A card", 1, 0), Line("PN-1", "Pen", 1, 300)

INCLUDED = Tax(True, 400)
SAID = {
    "other_lines": "Name SKUs of this cart whose lines say how many are 'available'.",
    "priced_by_the_shop": "Only the shop can calculate the price of fewer items.",
    "nothing_left": "No item would be left.",
}


def a_basket(*lines: Line, tax: Tax = INCLUDED, **changes: object) -> Cart:
    goods = sum(line.quantity * line.unit_price for line in lines)
    totals = Totals(goods, 0, tax.amount, goods + (0 if tax.included else tax.amount))
    return structs.replace(a_cart(), **{"lines": lines, "tax": tax, "totals": totals, "discounts": ()} | changes)


def test_the_rest_keeps_its_prices_and_its_part_of_the_tax() -> None:
    there = Destination(("DE",), Tax(True, 800), Totals(4000, 0, 800, 4000))
    cart = without(a_basket(BOOKS, LAMP, destinations=(there,)), ["LP-1"])
    assert cart.lines == (BOOKS,)
    assert cart.totals == Totals(3000, 0, 300, 3000)
    assert cart.destinations[0].totals == Totals(3000, 0, 600, 3000)
    check_totals(cart)


def test_nothing_left_out_is_the_same_cart() -> None:
    cart = a_basket(BOOKS, LAMP)
    assert without(cart, []) is cart


@pytest.mark.parametrize(
    ("cart", "sku", "code"),
    [
        (a_basket(BOOKS, LAMP), "XX-1", "other_lines"),
        (a_basket(BOOKS, PEN), "PN-1", "other_lines"),
        (a_basket(BOOKS, LAMP, tax=Tax(False, 400)), "LP-1", "priced_by_the_shop"),
        (a_basket(BOOKS, LAMP, discounts=(Discount("10 %", 100),)), "LP-1", "priced_by_the_shop"),
        (a_basket(BOOKS), "BK-1", "nothing_left"),
        (a_basket(BOOKS, GIFT), "BK-1", "nothing_left"),
    ],
)
def test_what_only_the_shop_can_decide_is_refused(cart: Cart, sku: str, code: str) -> None:
    with refused("without", code, SAID[code]):
        without(cart, [sku])
    assert code == "other_lines" or not may_leave_out(cart, sku)


def test_it_is_offered_where_it_is_possible() -> None:
    assert may_leave_out(a_basket(BOOKS, LAMP), "LP-1")
