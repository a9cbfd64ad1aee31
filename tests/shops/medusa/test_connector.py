"""The connector in a real Medusa: one order for each ref and each cart, and a cart that is signed ahead of time."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime
from typing import Any

import pytest
import requests
from msgspec.structs import replace

from fallback.domain.checkout.cart_token import CartTokens
from fallback.domain.order.cart import Cart, Delivery
from fallback.domain.order.order import Address
from fallback.domain.order.refs import new_ref
from fallback.domain.placement.matching import differences
from fallback.domain.placement.primary import CONTACT
from ops.demo.programs import Failed
from tests.builders import CUSTOMER
from tests.shop.running import CART_KEY, NAME, StandInFallback
from tests.shops.medusa.running import Medusa, MedusaWorld, orders_with


def draft(shop: Medusa, ref: str, cart: str) -> requests.Response:
    address = {"first_name": "Iris", "last_name": "Murdoch", "address_1": "1 Quay", "city": "Hull"}
    body = {
        "cart_id": cart,
        "email": "iris@example.org",
        "currency_code": "eur",
        "shipping_address": {**address, "postal_code": "HU1 1AA", "country_code": "gb"},
        "items": [{"sku": "BK-1", "quantity": 1, "unit_price": 12.99, "is_tax_inclusive": True}],
        "shipping_methods": [{"shipping_option_id": shop.delivery(), "name": "Standard", "amount": 4.95}],
    }
    url = f"{shop.url}/admin/fallback/orders/{ref}"
    return requests.put(url, json=body, auth=(shop.secret, ""), timeout=60)


def cart_in(answer: requests.Response) -> Cart:
    token = answer.cookies["fallback_cart"]
    return CartTokens({"keys": [CART_KEY]}, NAME).read(token, datetime.now(UTC))


def test_eight_drafts_of_one_ref_at_once_are_one(medusa: Medusa) -> None:
    ref = new_ref()
    with ThreadPoolExecutor(8) as threads:
        answers = list(threads.map(lambda _: draft(medusa, ref, f"basket-{ref}"), range(8)))

    assert {answer.status_code for answer in answers} <= {200, 409}
    assert len({answer.json()["order"]["id"] for answer in answers if answer.ok}) == 1
    assert orders_with(medusa, ref) == 1


def test_a_cart_that_has_an_order_gets_no_other(medusa: Medusa) -> None:
    one, other, cart = new_ref(), new_ref(), f"basket-{new_ref()}"

    assert [draft(medusa, ref, cart).status_code for ref in (one, other)] == [200, 409]
    assert orders_with(medusa, other) == 0


def test_the_database_itself_refuses_a_second_claim(medusa: Medusa) -> None:
    ref = new_ref()
    assert draft(medusa, ref, f"basket-{ref}").ok

    for column, value in (("ref", ref), ("cart_id", f"basket-{ref}")):
        with pytest.raises(Failed, match="duplicate key"):
            medusa.sql(f"INSERT INTO fallback_claim (id, {column}) VALUES ('another', '{value}')")


def test_an_order_that_was_cancelled_before_it_arrived_is_refused(medusa: Medusa) -> None:
    ref = new_ref()
    medusa.admin("POST", f"fallback/orders/{ref}/cancellation")

    assert draft(medusa, ref, f"basket-{ref}").json() == {"order": None, "cancelled": True}
    assert orders_with(medusa, ref) == 0


def test_a_draft_that_an_agent_deleted_may_come_again(medusa: Medusa) -> None:
    ref = new_ref()
    there = draft(medusa, ref, f"basket-{ref}").json()["order"]["id"]
    medusa.admin("DELETE", f"draft-orders/{there}")

    assert draft(medusa, ref, f"basket-{ref}").json()["order"]["id"] != there


@pytest.mark.parametrize(
    ("country", "currency", "included", "tax", "total", "delivery"),
    [("gb", "EUR", True, 433, 2598, 495), ("us", "USD", False, 214, 2812, 536)],
)
def test_every_answer_with_a_cart_brings_its_token(
    medusa: Medusa, country: str, currency: str, included: bool, tax: int, total: int, delivery: int
) -> None:
    answer = medusa.a_cart(country=country)

    cart = cart_in(answer)
    assert cart.cart_id == answer.json()["cart"]["id"]
    assert [(line.sku, line.quantity, line.unit_price) for line in cart.lines] == [("BK-1", 2, 1299)]
    assert (cart.currency, cart.tax.included, cart.tax.amount, cart.totals.total) == (currency, included, tax, total)
    assert {option.title: option.price for option in cart.delivery}["Standard delivery"] == delivery
    assert all(line.available and line.available <= 5_000 for line in cart.lines)
    there = {option.title: (option.countries, option.needs_address) for option in cart.delivery}
    assert there["Standard delivery"] == (("US",) if country == "us" else ("DE", "GB"), True)
    assert there.get("Collect") == (((), False) if country == "gb" else None)
    assert (cart.customer, cart.asks_for) == (None, ("vat_id",))
    assert medusa.store("GET", f"carts/{cart.cart_id}").cookies["fallback_cart"]


def test_a_cart_that_fallback_has_in_hand_is_not_sold_and_the_customer_is_told(
    medusa: Medusa, fallback: StandInFallback
) -> None:
    cart = medusa.a_cart().json()["cart"]["id"]
    fallback.captured[cart] = "FB-7K3M-92QX-5"

    refused = medusa.bought(cart)

    assert refused.status_code == 400, refused.text
    assert f"{fallback.url}/orders/FB-7K3M-92QX-5" in refused.json()["message"]
    del fallback.captured[cart]
    assert medusa.store("POST", f"carts/{cart}/complete").json()["type"] == "order"


def test_a_large_cart_is_pushed_and_its_cookie_has_the_short_form(medusa: Medusa, fallback: StandInFallback) -> None:
    short = medusa.a_cart(lines=30).cookies["fallback_cart"]

    assert len(short) < 200
    assert len(CartTokens({"keys": [CART_KEY]}, NAME).read(fallback.pushed[short], datetime.now(UTC)).lines) == 30


def test_who_is_signed_in_stands_in_the_pushed_cart_and_their_order_in_their_account(
    medusa: Medusa, fallback: StandInFallback, world: MedusaWorld
) -> None:
    account, session = medusa.an_account(f"{new_ref().lower()}@example.org")
    answer = medusa.a_cart(session=session)
    cart_id = answer.json()["cart"]["id"]

    pushed = fallback.pushed[answer.cookies["fallback_cart"]]

    who = CartTokens({"keys": [CART_KEY]}, NAME).read(pushed, datetime.now(UTC)).customer
    assert who
    assert (who.id, who.name, who.phone) == (account, "Nora Account", "+44 1482 300300")
    assert [(each.line1, each.country) for each in who.addresses] == [("2 Harbour Street", "GB"), ("1 Quay", "GB")]
    assert cart_in(medusa.store("GET", f"carts/{cart_id}")).customer is None
    # The cart of a guest, and an account that is no more.
    for named, theirs in ((account, True), ("cus_gone", False)):
        customer = replace(CUSTOMER, email="at.work@example.org", account=named, vat_id="GB123456789")
        order = world.an_order(customer=customer, cart_id=medusa.a_cart().json()["cart"]["id"])
        there = world.primary.place(order)
        assert (differences(order, there), there.email) == ((), "at.work@example.org")
        [[whose, vat_id]] = medusa.sql(
            f"SELECT customer_id, metadata->>'fallback_vat_id' FROM \"order\" WHERE id = '{there.id}'"
        )
        assert (whose == account, vat_id) == (theirs, "GB123456789")


def test_an_order_that_is_collected_has_no_address(medusa: Medusa, world: MedusaWorld) -> None:
    nowhere = Address(CUSTOMER.name, "", "", None, "")
    bill = Address(CUSTOMER.name, "7 Office Park", "Hull", "HU1 1AA", "GB", company="Murdoch Ltd")
    for billing in (bill, None):
        customer = replace(CUSTOMER, address=nowhere, billing=billing, phone="+44 1482 300300")
        collect = Delivery(medusa.delivery("Collect"), "Collect", 0)
        order = world.an_order(customer=customer, delivery=collect)

        there = world.primary.place(order)

        assert (differences(order, there), there.phone) == ((), "+44 1482 300300")
        found = medusa.admin("GET", f"orders/{there.id}?fields=*shipping_address,*billing_address")["order"]
        assert found.get("shipping_address") is None
        billed = found.get("billing_address") or {}
        assert (billed.get("address_1"), billed.get("company")) == (
            ("7 Office Park", "Murdoch Ltd") if billing else (None, None)
        )
        moved = replace(order, customer=replace(customer, phone="+44 1482 400400"))
        assert world.primary.amend(moved, CONTACT).phone == "+44 1482 400400"


def test_a_draft_of_a_process_that_was_killed_before_its_claim_is_removed(medusa: Medusa) -> None:
    ref = new_ref()
    stray = draft(medusa, ref, f"basket-{ref}").json()["order"]["id"]
    medusa.sql(f"DELETE FROM fallback_claim WHERE ref = '{ref}'")
    medusa.sql(f"UPDATE \"order\" SET created_at = created_at - interval '1 hour' WHERE id = '{stray}'")

    assert draft(medusa, ref, f"basket-{ref}").json()["order"]["id"] != stray
    assert orders_with(medusa, ref) == 1


def test_an_order_of_fallback_keeps_the_shop_from_selling_the_cart_once_more(medusa: Medusa) -> None:
    cart = medusa.a_cart().json()["cart"]["id"]
    ref = new_ref()
    assert draft(medusa, ref, cart).ok

    refused = medusa.bought(cart)

    assert refused.status_code == 409, refused.text
    assert int(medusa.sql(f"SELECT count(*) FROM order_cart WHERE cart_id = '{cart}'")[0][0]) == 0


def test_what_the_shop_sold_is_not_ordered_by_fallback(medusa: Medusa) -> None:
    cart = medusa.a_cart().json()["cart"]["id"]
    sold: dict[str, Any] = medusa.bought(cart).json()
    assert sold["type"] == "order", sold

    assert draft(medusa, new_ref(), cart).status_code == 409
    [rival] = medusa.admin("GET", f"fallback/orders?cart_id={cart}")["orders"]
    assert (rival["id"], rival["cart_link"]["cart_id"]) == (sold["order"]["id"], cart)
