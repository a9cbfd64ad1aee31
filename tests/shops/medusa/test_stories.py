"""What becomes of an order whose shop is a real Medusa, from the cart that the shop signed to the money."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import Any

import pytest

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.checkout.requests import (
    CardPayment,
    ChangeOrder,
    Contact,
    DeliveryChoice,
    PlaceOrder,
    ShippingAddress,
)
from fallback.domain.order.cart import DeliveryOption
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.lifecycle import Headline
from fallback.usecases.checkout.place_order import place_order
from tests.fakes.gateway import VISA
from tests.shop.running import CART_KEY, NAME
from tests.shops.medusa.running import Medusa
from tests.usecases.world import World, only_the_payment

HOME, ELSEWHERE = (ShippingAddress(line, "Hull", "HU1 1AA", country="GB") for line in ("1 Quay", "2 Quay"))
# Two books with tax, and their delivery.
TOTAL = 3093


class Purchase(World):
    """A cart of the shop, which its customer buys here. Payments, mails and the ledger are fakes, the shop is not."""

    def __init__(self, shop: Medusa) -> None:
        super().__init__()
        self.now, self.shop = datetime.now(UTC), shop
        self.primary = shop.primary()  # type: ignore[assignment]
        self.restart()
        token = shop.a_cart().cookies["fallback_cart"]
        self.cart = CartTokens({"keys": [CART_KEY]}, NAME).read(token, self.now)

    def bought(self, maybe_taken: bool = False) -> None:
        requested = PlaceOrder(
            cart_token="verified already",
            contact=Contact("Iris Murdoch", f"{self.cart.cart_id.lower()}@example.org"),
            shipping_address=HOME,
            delivery=DeliveryChoice(self.standard.id),
            payment=CardPayment(self.gateway.token(VISA)),
        )
        _, answer = place_order(self.container, requested, self.cart, "key", "body", maybe_taken=maybe_taken)
        assert isinstance(answer, Accepted)
        self.ref = answer.ref

    @property
    def standard(self) -> DeliveryOption:
        """Medusa offers its options in no order."""
        return next(each for each in self.cart.delivery if each.price == 495)

    @property
    def there(self) -> dict[str, Any]:
        found: dict[str, Any] = self.shop.admin("GET", f"fallback/orders/{self.ref}")["order"]
        return found

    @property
    def of_this_cart(self) -> list[dict[str, Any]]:
        found: list[dict[str, Any]] = self.shop.admin("GET", f"fallback/orders?cart_id={self.cart.cart_id}")["orders"]
        return found


@pytest.fixture
def purchase(medusa: Medusa) -> Purchase:
    return Purchase(medusa)


def test_bought_while_the_shop_is_away_it_is_there_once_as_agreed_and_paid(purchase: Purchase, medusa: Medusa) -> None:
    medusa.node.kill()
    try:
        purchase.bought()
        only_the_payment(purchase)
    finally:
        medusa.node.start()
    assert purchase.headline is Headline.WAITING

    purchase.time_passes()

    assert (purchase.headline, purchase.captured, purchase.holds) == (Headline.SETTLED, TOTAL, [])
    [there] = purchase.of_this_cart
    assert there["metadata"]["fallback_ref"] == purchase.ref
    assert [(item["variant_sku"], item["quantity"], item["unit_price"]) for item in there["items"]] == [
        ("BK-1", 2, 12.99)
    ]
    assert (there["total"], there["payment_status"]) == (30.93, "captured")
    assert there["shipping_address"]["address_1"] == "1 Quay"
    assert [method["shipping_option_id"] for method in there["shipping_methods"]] == [purchase.standard.id]


def test_the_customers_own_attempt_reached_the_shop_first(purchase: Purchase, medusa: Medusa) -> None:
    sold = medusa.bought(purchase.cart.cart_id).json()["order"]
    purchase.bought(maybe_taken=True)

    purchase.time_passes()

    assert (purchase.headline, purchase.captured, purchase.authorized) == (Headline.MERGED, 0, 0)
    assert [order["id"] for order in purchase.of_this_cart] == [sold["id"]]


def test_changed_and_then_cancelled_it_is_so_in_the_shop_and_the_money_goes_back(purchase: Purchase) -> None:
    purchase.bought()
    purchase.time_passes()

    purchase.the_customer_changes(ChangeOrder(shipping_address=ELSEWHERE))
    purchase.time_passes()
    assert (purchase.there["shipping_address"]["address_1"], purchase.holds) == ("2 Quay", [])

    purchase.the_customer_cancels()
    purchase.time_passes()
    assert (purchase.headline, purchase.captured) == (Headline.REFUNDED, 0)
    assert (purchase.there["status"], purchase.there["payment_status"]) == ("canceled", "refunded")


def test_fewer_pieces_are_fewer_there_and_what_was_paid_for_them_goes_back(purchase: Purchase) -> None:
    purchase.bought()
    purchase.time_passes()

    purchase.the_customer_changes(ChangeOrder(quantities=(1,)))
    purchase.time_passes()

    assert (purchase.headline, purchase.captured, purchase.holds) == (Headline.SETTLED, TOTAL - 1299, [])
    [there] = purchase.of_this_cart
    assert [(item["variant_sku"], item["quantity"]) for item in there["items"]] == [("BK-1", 1)]
    assert (there["total"], there["payment_status"]) == (17.94, "partially_refunded")


def test_what_an_agent_gives_back_stands_in_the_shop(purchase: Purchase) -> None:
    purchase.bought()
    purchase.time_passes()

    purchase.an_agent_gives_back(500)
    purchase.time_passes()

    assert (purchase.there["payment_status"], purchase.captured) == ("partially_refunded", TOTAL - 500)
    [refund] = purchase.there["payment_collections"][0]["payments"][0]["refunds"]
    assert refund["amount"] == 5
