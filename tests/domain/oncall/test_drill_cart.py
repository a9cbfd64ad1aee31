"""The cart of a drill is signed by us, and by nobody else."""

from __future__ import annotations

import pytest
from joserfc import jws
from joserfc.jwk import import_key
from msgspec.structs import replace

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.requests import Contact, ShippingAddress
from fallback.domain.errors import Invalid
from fallback.domain.oncall.drill_cart import DrillCart, DrillDelivery, DrillOrder, drill_key
from fallback.domain.order.cart import Tax
from fallback.web.purchase.bodies import PLACE_ORDER, CardBody
from tests.web.world import CART_KEY, NOW, SHOP, signed

A_DRILL = DrillCart("BK-1", "A book", 1299, "EUR", DrillDelivery("standard", "Standard", 495), "DE")


def test_what_we_signed_ourselves_is_a_drill_and_what_the_shop_signed_is_none() -> None:
    key = drill_key("the-secret-key-of-the-web-tests-0123")
    tokens = CartTokens({"keys": [CART_KEY]}, SHOP, key)
    body = PLACE_ORDER.decode(DrillOrder(A_DRILL, SHOP, "drill@shop.example", key).body("drill-1", NOW, "ctoken_1"))
    cart = tokens.read(body.cart_token, NOW)
    assert (cart.drill, cart.cart_id, cart.choose("standard", None).price) == (True, "drill-1", 495)
    assert not tokens.read(signed(), NOW).drill


def test_whoever_finds_it_in_the_shop_reads_that_it_is_a_drill() -> None:
    key = drill_key("the-secret-key-of-the-web-tests-0123")
    order = DrillOrder(A_DRILL, SHOP, "drill@shop.example", key)
    body = PLACE_ORDER.decode(order.body("drill-1", NOW, "ctoken_1"))
    assert body.contact == Contact("Drill", "drill@shop.example")
    assert body.shipping_address == ShippingAddress("1 Drill Street", "Drillton", "26133", country="DE")
    assert body.note == "A drill of the fallback checkout: it is cancelled within minutes. Please do not ship."
    assert body.payment == CardBody("ctoken_1")
    assert PLACE_ORDER.decode(order.body("drill-1", NOW, "")).payment == "later"
    assert jws.extract_compact(body.cart_token.encode()).headers() == {
        "alg": "HS256", "kid": "drill", "typ": "cart+jwt",
    }  # fmt: skip
    assert CartTokens({"keys": [CART_KEY]}, SHOP, key).read(body.cart_token, NOW).tax == Tax(True, 0)


@pytest.mark.parametrize(
    ("country", "region", "postal_code"),
    [
        ("US", "AL", "95014"),
        ("AE", "Abu Dhabi", None),
        ("HN", "Drill", "31301"),  # its regions are not in the data
        ("KP", None, "12345"),  # nor are its postcodes
    ],
)
def test_its_address_is_one_that_the_country_could_have(country: str, region: str | None, postal_code: str) -> None:
    key = drill_key("the-secret-key-of-the-web-tests-0123")
    order = DrillOrder(replace(A_DRILL, country=country), SHOP, "drill@shop.example", key)
    there = PLACE_ORDER.decode(order.body("drill-1", NOW, "")).shipping_address
    assert there
    assert (there.country, there.region, there.postal_code) == (country, region, postal_code)


def test_an_older_release_reads_the_drill_of_a_newer_one() -> None:
    """The key is derived in each process: another way to do so, and what one signs the other does not take."""
    key = drill_key("the-secret-key-of-the-web-tests-0123")
    assert key.as_dict()["k"] == "SvLRpoFnpPYvHesnjwjeVifd8DlkB_YbGYV0Vft1uxM"


def test_nobody_else_signs_a_drill() -> None:
    ours = CartTokens({"keys": [CART_KEY]}, SHOP, drill_key("the-secret-key-of-the-web-tests-0123"))
    for key in (drill_key("another-secret-key-of-the-web-tests"), import_key(CART_KEY)):
        order = DrillOrder(A_DRILL, SHOP, "drill@shop.example", key)
        with pytest.raises(Invalid, match="does not match"):
            ours.read(PLACE_ORDER.decode(order.body("drill-1", NOW, "")).cart_token, NOW)
