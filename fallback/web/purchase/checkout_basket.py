"""The basket of the checkout page: what the shop has too few of, and what the customer leaves out because of that."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, replace

from fallback.domain.checkout.left_out import may_leave_out, without
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import Cart
from fallback.domain.order.exposure import WhenSoldOut, available, pieces
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase.cart_rows import CartRows, rows_of_cart
from fallback.web.purchase.checkout_form import BASKET, CheckoutForm

REMOVE_IT_HERE = N_("The shop does not have enough of an item. Remove it here, or change your basket in the shop")


@dataclass(frozen=True)
class Basket:
    """`left_out`: SKU and title."""

    rows: CartRows
    left_out: list[tuple[str, str]]


def left_over(form: CheckoutForm, cart: Cart) -> tuple[CheckoutForm, Cart]:
    """The cart without what the customer leaves out; all of it if that is not possible (any more)."""
    try:
        return form, without(cart, form.without)
    except Invalid:
        return replace(form, without=()), cart


def basket(signed: Cart, cart: Cart, form: CheckoutForm, sold_out: WhenSoldOut, voice: Voice, shop_url: str) -> Basket:
    """`signed`: all that the customer put into the cart. `cart`: what is bought, at the prices of the place."""
    refused = {sku: left for sku, left in form.left.items() if sku not in form.without}
    short: dict[str, int | None] = {**_short(cart, sold_out), **refused}
    titles = {line.sku: line.title for line in signed.lines}
    rows = rows_of_cart(cart, voice, shop_url, short, [sku for sku in short if may_leave_out(cart, sku)])
    return Basket(rows, [(sku, titles[sku]) for sku in form.without])


def told_here(form: CheckoutForm, shown: Basket) -> CheckoutForm:
    """With the error that says what can be done on this page."""
    if BASKET not in form.errors or not any(line.drop for line in shown.rows.lines):
        return form
    return replace(form, errors={**form.errors, BASKET: REMOVE_IT_HERE})


def _short(cart: Cart, sold_out: WhenSoldOut) -> Mapping[str, int | None]:
    """Of which SKUs the shop had fewer pieces when it signed the cart, and how many; None: they may be late."""
    stock = available(cart.lines)
    late = sold_out is WhenSoldOut.LATE
    return {sku: None if late else stock[sku] for sku, wanted in pieces(cart.lines).items() if wanted > stock[sku]}
