"""A cart of the shop is signed by it ahead of time, and handed over as it was signed."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.order.cart import Cart, Delivery
from fallback.domain.order.order import Address
from fallback.domain.placement.matching import differences
from tests.builders import CUSTOMER, an_order
from tests.contracts.primary.worlds import BOOK
from tests.primaries.woocommerce.shop import Visitor, WooShop
from tests.primaries.woocommerce.stand_in import SHORT_FORM

# The key of the shop that was recorded.
KEYS = {"keys": [{"kty": "oct", "kid": "woo-1", "alg": "HS256", "k": "c2hvcC1jYXJ0LWtleS10aGF0LWlzLWxvbmctZW5vdWdo"}]}
NOWHERE = Address(CUSTOMER.name, "", "", None, "")
POST = Delivery("flat_rate:1", "Standard delivery", 495)


def sold(shop: WooShop, visitor: Visitor) -> Cart:
    """The cart is bought with its first delivery while the shop is away, and handed over to it."""
    cart = CartTokens(KEYS, "woo-shop").read(visitor.cart_token, datetime.now(UTC))
    delivery = cart.choose(cart.delivery[0].id, None)
    order = an_order(
        cart_id=cart.cart_id,
        currency=cart.currency,
        lines=cart.lines,
        discounts=cart.discounts,
        tax=cart.tax,
        delivery=delivery,
        customer=CUSTOMER if cart.delivery[0].needs_address else replace(CUSTOMER, address=NOWHERE),
        received_at=datetime.now(UTC),
    )
    assert order.payment.amount == cart.totals.total + delivery.price
    assert differences(order, shop.primary.place(order)) == ()
    assert differences(order, shop.primary.read(order.ref)) == ()
    return cart


def total_in_the_shop(answer: Any) -> int:
    return int(answer["totals"]["total_price"])


@pytest.fixture
def prices_without_tax(shop: WooShop) -> Iterator[None]:
    name = "settings/tax/woocommerce_prices_include_tax"
    shop.owner("PUT", name, {"value": "no"})
    yield
    shop.owner("PUT", name, {"value": "yes"})


def test_prices_with_tax(shop: WooShop) -> None:
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="12.99"), quantity=3)
    cart_there = visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert cart.tax.included
    assert total_in_the_shop(cart_there) == cart.totals.total + cart.delivery[0].price


def test_a_coupon_and_two_lines(shop: WooShop) -> None:
    code = f"autumn{shop.product()}"
    shop.owner("POST", "coupons", {"code": code, "discount_type": "percent", "amount": "7"})
    visitor = shop.visitor()
    for price, quantity in (("12.99", 3), ("0.35", 7)):
        visitor.call("POST", "cart/add-item", id=shop.product(regular_price=price), quantity=quantity)
    visitor.call("POST", "cart/apply-coupon", code=code)
    cart_there = visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert [discount.title for discount in cart.discounts] == [code]
    assert total_in_the_shop(cart_there) == cart.totals.total + cart.delivery[0].price


@pytest.mark.usefixtures("prices_without_tax")
def test_prices_without_tax(shop: WooShop) -> None:
    visitor = shop.visitor()
    for price, quantity in (("9.99", 3), ("0.35", 7)):
        visitor.call("POST", "cart/add-item", id=shop.product(regular_price=price), quantity=quantity)
    cart_there = visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert not cart.tax.included
    assert cart.tax.amount > 0
    assert total_in_the_shop(cart_there) == cart.totals.total + cart.delivery[0].price


def test_an_order_for_another_country_keeps_the_agreed_total_whatever_its_tax_there(shop: WooShop) -> None:
    rate = shop.owner("POST", "taxes", {"country": "GB", "rate": "20.0000", "name": "VAT", "shipping": True})
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="12.99"), quantity=3)
    visitor.goes_to("GB")

    sold(shop, visitor)

    shop.owner("DELETE", f"taxes/{rate['id']}?force=true", {})


def test_a_sum_that_is_no_multiple_of_a_price_makes_two_lines(shop: WooShop) -> None:
    """Three at 100 with the tax of another country: 99.99 would be a cent less than the shop asks."""
    rate = shop.owner("POST", "taxes", {"country": "GB", "rate": "20.0000", "name": "VAT", "shipping": True})
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="9.99"), quantity=7)
    cart_there = visitor.goes_to("GB")

    cart = sold(shop, visitor)

    assert len({line.unit_price for line in cart.lines}) == len(cart.lines)
    assert total_in_the_shop(cart_there) == cart.totals.total + cart.delivery[0].price
    shop.owner("DELETE", f"taxes/{rate['id']}?force=true", {})


def test_virtual_goods_need_no_delivery(shop: WooShop) -> None:
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="5.00", virtual=True), quantity=1)
    visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert [(option.id, option.needs_address) for option in cart.delivery] == [("none", False)]


def test_a_variation_without_a_sku_is_named_by_its_number(shop: WooShop) -> None:
    sizes = {"name": "Size", "options": ["S", "L"], "visible": True, "variation": True}
    parent = shop.product(type="variable", attributes=[sizes])
    large = {"regular_price": "8.00", "attributes": [{"name": "Size", "option": "L"}]}
    variation = shop.owner("POST", f"products/{parent}/variations", large)["id"]
    visitor = shop.visitor()
    chosen = [{"attribute": "Size", "value": "L"}]
    visitor.call("POST", "cart/add-item", id=parent, quantity=2, variation=chosen)
    visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert [line.sku for line in cart.lines] == [f"#{variation}"]


def test_what_the_shop_counts_and_where_it_ships_to_is_signed(shop: WooShop) -> None:
    zone = shop.owner("POST", "shipping/zones", {"name": "Near"})["id"]
    near = [{"code": "GB", "type": "country"}, {"code": "US:CA", "type": "state"}]
    shop.owner("PUT", f"shipping/zones/{zone}/locations", near)
    for method in ("flat_rate", "local_pickup"):
        shop.owner("POST", f"shipping/zones/{zone}/methods", {"method_id": method})
    visitor = shop.visitor()
    for stock in ({"manage_stock": True, "stock_quantity": 7}, {"manage_stock": True, "backorders": "yes"}, {}):
        visitor.call("POST", "cart/add-item", id=shop.product(regular_price="9.99", **stock), quantity=2)
    visitor.goes_to("GB")

    cart = sold(shop, visitor)

    assert [line.available for line in cart.lines] == [7, None, None]
    assert [(option.countries, option.needs_address) for option in cart.delivery] == [
        (("GB", "US-CA"), True),
        ((), False),
    ]
    shop.owner("DELETE", f"shipping/zones/{zone}?force=true", {})


def test_who_is_signed_in_stands_in_the_pushed_cart_and_the_order_in_their_account(shop: WooShop) -> None:
    name, password = f"nora{shop.product()}", "a-long-one-1"
    bill = {"first_name": "Nora", "last_name": "Account", "phone": "030 1234567", "address_1": "7 Office Park"}
    home = {"first_name": "Nora", "last_name": "Account", "address_1": "1 Quay", "city": "Hull", "postcode": "HU1 1AA"}
    account = {
        "email": f"{name}@example.org",
        "username": name,
        "password": password,
        "first_name": "Nora",
        "last_name": "Account",
        "billing": bill | {"city": "Berlin", "postcode": "10115", "country": "DE"},
        "shipping": home | {"country": "GB"},
    }
    id = str(shop.owner("POST", "customers", account)["id"])
    visitor = shop.visitor()
    visitor.signs_in(name, password)
    visitor.adds(shop.product(regular_price="9.99"))
    assert visitor.cart_token == SHORT_FORM

    cart = CartTokens(KEYS, "woo-shop").read(shop.pushed()["cart_token"], datetime.now(UTC))

    who = cart.customer
    assert who
    assert (who.id, who.email, who.name, who.phone) == (id, account["email"], "Nora Account", "030 1234567")
    assert [(each.line1, each.city, each.postal_code, each.country) for each in who.addresses] == [
        ("1 Quay", "Hull", "HU1 1AA", "GB"),
        ("7 Office Park", "Berlin", "10115", "DE"),
    ]
    for named, theirs in ((id, int(id)), ("999999", 0)):
        customer = replace(CUSTOMER, account=named, vat_id="DE136695976")
        order = an_order(customer=customer, delivery=POST, lines=(BOOK,), received_at=datetime.now(UTC))
        there = shop.owner("GET", f"orders/{shop.primary.place(order).id}", {})
        assert there["customer_id"] == theirs
        assert [each["value"] for each in there["meta_data"] if each["key"] == "VAT ID"] == ["DE136695976"]


@pytest.fixture
def prices_in_yen(shop: WooShop) -> Iterator[None]:
    for name, value in (("currency", "JPY"), ("price_num_decimals", "0")):
        shop.owner("PUT", f"settings/general/woocommerce_{name}", {"value": value})
    yield
    for name, value in (("currency", "EUR"), ("price_num_decimals", "2")):
        shop.owner("PUT", f"settings/general/woocommerce_{name}", {"value": value})


@pytest.mark.usefixtures("prices_in_yen")
def test_a_currency_without_decimals(shop: WooShop) -> None:
    visitor = shop.visitor()
    visitor.call("POST", "cart/add-item", id=shop.product(regular_price="1299"), quantity=3)
    cart_there = visitor.goes_to("DE")

    cart = sold(shop, visitor)

    assert (cart.currency, cart.totals.total) == ("JPY", 3897)
    assert total_in_the_shop(cart_there) == cart.totals.total + cart.delivery[0].price
