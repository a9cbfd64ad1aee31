"""A visitor of the shop whose cart is large, or whose purchase we have in hand."""

from __future__ import annotations

from datetime import UTC, datetime

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.order.cart import Delivery
from tests.builders import an_order
from tests.primaries.woocommerce.shop import Visitor, WooShop
from tests.primaries.woocommerce.stand_in import SHORT_FORM
from tests.primaries.woocommerce.test_carts import KEYS


def with_a_cart(shop: WooShop, lines: int = 1) -> Visitor:
    visitor = shop.visitor()
    for _ in range(lines):
        fill(shop, visitor)
    return visitor


def fill(shop: WooShop, visitor: Visitor) -> None:
    name = "A thing " + "with a long name " * 10
    visitor.call("POST", "cart/add-item", id=shop.product(name=name, regular_price="12.99"), quantity=1)


def test_a_large_cart_is_pushed_and_its_cookie_has_the_short_form(shop: WooShop) -> None:
    visitor = with_a_cart(shop, lines=8)

    pushed = shop.pushed()

    cart = CartTokens(KEYS, "woo-shop").read(pushed["cart_token"], datetime.now(UTC))
    assert (len(cart.lines), visitor.cart_token) == (8, SHORT_FORM)
    assert (pushed["path"], pushed["authorization"]) == (f"/v1/carts/{cart.cart_id}", "Bearer shop-asks")


def test_a_large_cart_that_nobody_takes_has_no_cookie_rather_than_an_old_one(shop: WooShop) -> None:
    """With a token of 3,500 bytes, nginx answers 502 for the page: its headers do not fit into a buffer of 4 KB."""
    visitor = with_a_cart(shop)
    assert visitor.cart_token
    shop.fallback(takes_carts=False)

    for _ in range(7):
        fill(shop, visitor)

    assert visitor.cart_token is None


def test_the_shop_does_not_sell_what_we_have_in_hand(shop: WooShop) -> None:
    visitor = with_a_cart(shop)
    shop.fallback(in_hand=True)

    answer = visitor.orders("DE", "cod")

    assert answer["code"] == "fallback_in_hand"
    assert "FB-7K3M-92QX-5" in answer["message"]
    shop.fallback(in_hand=False)
    assert visitor.orders("DE", "cod")["status"] == "processing"


def test_the_shop_does_not_sell_what_was_placed_while_we_do_not_answer(shop: WooShop) -> None:
    visitor = with_a_cart(shop)
    cart = CartTokens(KEYS, "woo-shop").read(visitor.cart_token, datetime.now(UTC))
    order = an_order(cart_id=cart.cart_id, lines=cart.lines, delivery=Delivery("flat_rate:1", "Standard delivery", 495))
    placed = shop.primary.place(order)

    answer = visitor.orders("DE", "cod")

    assert (answer["code"], order.ref in answer["message"]) == ("fallback_in_hand", True)
    assert shop.primary.rivals(cart.cart_id, None, order.received_at) == [placed]


def test_whoever_comes_back_after_their_order_was_placed_finds_an_empty_cart_of_another_name(shop: WooShop) -> None:
    visitor = with_a_cart(shop)
    cart = CartTokens(KEYS, "woo-shop").read(visitor.cart_token, datetime.now(UTC))
    shop.primary.place(
        an_order(cart_id=cart.cart_id, lines=cart.lines, delivery=Delivery("flat_rate:1", "Standard delivery", 495))
    )

    visitor.call("GET", "cart")

    assert visitor.call("GET", "cart")["items"] == []
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="7.50"), quantity=1)
    later = CartTokens(KEYS, "woo-shop").read(visitor.cart_token, datetime.now(UTC))
    assert later.cart_id != cart.cart_id
