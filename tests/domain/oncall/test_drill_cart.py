"""What a drill buys is signed by ourselves, and by nobody else."""

from __future__ import annotations

import pytest
from joserfc.jwk import import_key

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.requests import PLACE_ORDER
from fallback.domain.errors import Invalid
from fallback.domain.oncall.drill_cart import DrillCart, DrillDelivery, DrillOrder, drill_key
from tests.web.world import CART_KEY, NOW, SHOP, signed

A_DRILL = DrillCart("BK-1", "A book", 1299, "EUR", DrillDelivery("standard", "Standard", 495), "DE")


def test_what_we_signed_ourselves_is_a_drill_and_what_the_shop_signed_is_none() -> None:
    key = drill_key("the-secret-key-of-the-web-tests-0123")
    tokens = CartTokens({"keys": [CART_KEY]}, SHOP, key)
    body = PLACE_ORDER.decode(DrillOrder(A_DRILL, SHOP, "drill@shop.example", key).body("drill-1", NOW, "ctoken_1"))
    cart = tokens.read(body.cart_token, NOW)
    assert (cart.drill, cart.cart_id, cart.choose("standard", None).price) == (True, "drill-1", 495)
    assert not tokens.read(signed(), NOW).drill


def test_nobody_else_signs_a_drill() -> None:
    ours = CartTokens({"keys": [CART_KEY]}, SHOP, drill_key("the-secret-key-of-the-web-tests-0123"))
    for key in (drill_key("another-secret-key-of-the-web-tests"), import_key(CART_KEY)):
        order = DrillOrder(A_DRILL, SHOP, "drill@shop.example", key)
        with pytest.raises(Invalid, match="does not match"):
            ours.read(PLACE_ORDER.decode(order.body("drill-1", NOW, "")).cart_token, NOW)
