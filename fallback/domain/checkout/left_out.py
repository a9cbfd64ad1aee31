"""Items that the customer leaves out of the cart, because the shop has too few of them: the others can still be bought.

Prices, and the delivery options with their prices, stay as the shop signed them.
"""

from __future__ import annotations

from collections.abc import Collection

from msgspec import structs

from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart, Line, Tax, Totals


def without(cart: Cart, skus: Collection[str]) -> Cart:
    """The cart without the lines of these SKUs, of which the shop counts the stock. Raises Invalid."""
    if not skus:
        return cart
    if not set(skus) <= {line.sku for line in cart.lines if line.available is not None}:
        raise Invalid("without", "other_lines", "Name SKUs of this cart whose lines say how many are 'available'.")
    if not priced_by_line(cart):
        raise Invalid("without", "priced_by_the_shop", "Only the shop can calculate the price of fewer items.")
    left = tuple(line for line in cart.lines if line.sku not in skus)
    if not any(line.unit_price for line in left):
        raise Invalid("without", "nothing_left", "No item would be left.")
    share = _goods(left), _goods(cart.lines)
    tax, totals = _fewer(cart.tax, *share)
    there = [(each, *_fewer(each.tax, *share)) for each in cart.destinations]
    destinations = tuple(structs.replace(each, tax=tax, totals=totals) for each, tax, totals in there)
    return structs.replace(cart, lines=left, tax=tax, totals=totals, destinations=destinations)


def may_leave_out(cart: Cart, sku: str) -> bool:
    return priced_by_line(cart) and any(line.unit_price for line in cart.lines if line.sku != sku)


def priced_by_line(cart: Cart) -> bool:
    """Where discounts or added tax depend on the goods, only the shop can price fewer of them."""
    taxes = (cart.tax, *(each.tax for each in cart.destinations))
    return not cart.discounts and not any(tax.amount and not tax.included for tax in taxes)


def _fewer(tax: Tax, left: int, all_: int) -> tuple[Tax, Totals]:
    """Tax included in the prices shrinks in proportion to the goods, as when an order loses lines (amended.py)."""
    amount = tax.amount * left // all_
    return Tax(tax.included, amount), Totals(left, 0, amount, left)


def _goods(lines: tuple[Line, ...]) -> int:
    return sum(line.quantity * line.unit_price for line in lines)
