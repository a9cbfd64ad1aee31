"""The shop's own checkout: what it sells is known to Fallback, and what Fallback has in hand it does not sell."""

from pathlib import Path
from urllib.parse import urlsplit

from ops.demo.places import Place
from ops.demo.settings import addresses
from tests.shop.customers import Customer, order_of, place
from tests.shop.running import Shop, StandInFallback

LEGAL_SETTINGS = ("_TERMS_URL", "_PRIVACY_URL", "_RETURNS_URL", "_IMPRINT_URL")


def test_a_guest_buys_and_the_order_is_found_by_its_cart(shop: Shop, customer: Customer) -> None:
    cart_id = customer.put_in_basket("BK-3", quantity=2).cart["cart_id"]

    thanks = customer.check_out(email="Ada@Example.com")

    assert urlsplit(thanks.url).path == "/checkout/thank-you/"
    [order] = shop.orders_of(cart_id)
    assert order["ref"] is None
    assert order["lines"] == [{"sku": "BK-3", "quantity": 2, "unit_price": 1800}]
    assert order["total"] == 3600 + 495
    assert order["email"].lower() == "ada@example.com"
    assert order["number"] in thanks.text
    assert customer.cart_token is None


def test_a_guest_buys_with_a_delivery_slot(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-3").cart
    slot = cart["delivery"][1]["slots"][1]["id"]
    customer.check_out(delivery=f"courier/{slot}")
    [order] = shop.orders_of(cart["cart_id"])
    assert order["delivery"] == {"id": "courier", "slot": slot}


def test_fallback_is_told_of_the_order_that_the_shop_has_for_the_cart(shop: Shop, customer: Customer) -> None:
    cart = customer.put_in_basket("BK-3").cart
    customer.check_out()

    answer = place(shop, order_of(cart))

    assert (answer.status_code, answer.json()["code"]) == (409, "cart_already_ordered")
    assert answer.json()["order"] == shop.orders_of(cart["cart_id"])[0]


def test_a_captured_cart_is_not_sold_again(shop: Shop, customer: Customer, fallback: StandInFallback) -> None:
    cart_id = customer.put_in_basket("BK-3").cart["cart_id"]
    fallback.captured[cart_id] = "FB-7K3M-92QX-5"

    for path in ("/checkout/", "/checkout/preview/", "/checkout/payment-details/"):
        page = customer.get(path)
        assert page.ok
        assert "We have your order FB-7K3M-92QX-5" in page.text
        assert f"{fallback.url}/orders/FB-7K3M-92QX-5?key=signed" in page.text


def test_a_cart_captured_on_the_way_through_the_checkout_is_not_sold_again(
    shop: Shop, customer: Customer, fallback: StandInFallback
) -> None:
    cart_id = customer.put_in_basket("BK-3").cart["cart_id"]
    customer.check_out(delivery="no such delivery")
    fallback.captured[cart_id] = "FB-7K3M-92QX-5"

    page = customer.post("/checkout/preview/", action="place_order")

    assert "We have your order FB-7K3M-92QX-5" in page.text
    assert shop.orders_of(cart_id) == []


def test_the_checkout_knows_the_number_once_the_order_has_arrived(
    shop: Shop, customer: Customer, fallback: StandInFallback
) -> None:
    order = order_of(customer.put_in_basket("BK-3").cart)
    fallback.captured[order["cart_id"]] = order["ref"]
    number = place(shop, order).json()["number"]

    page = customer.get("/checkout/").text

    assert f"We have your order {order['ref']}" in page
    assert f"<strong>{number}</strong>" in page
    assert f"/orders/{order['ref']}?key=signed" in page


def test_a_new_cart_after_the_outage_is_sold_as_ever(shop: Shop, customer: Customer, fallback: StandInFallback) -> None:
    order = order_of(customer.put_in_basket("BK-3").cart)
    fallback.captured[order["cart_id"]] = order["ref"]
    place(shop, order)

    new_cart_id = customer.put_in_basket("BK-4").cart["cart_id"]
    customer.check_out()

    assert new_cart_id != order["cart_id"]
    assert len(shop.orders_of(new_cart_id)) == 1


def test_a_customer_whose_cart_is_captured_can_start_a_new_one(
    shop: Shop, customer: Customer, fallback: StandInFallback
) -> None:
    order = order_of(customer.put_in_basket("BK-3").cart)
    fallback.captured[order["cart_id"]] = order["ref"]
    customer.get("/checkout/")

    customer.post("/checkout/", action="new_basket")
    new_cart_id = customer.put_in_basket("BK-4").cart["cart_id"]
    customer.check_out()

    assert place(shop, order).status_code == 201
    assert [line["sku"] for line in shop.orders_of(new_cart_id)[0]["lines"]] == ["BK-4"]


def test_the_pages_about_the_law_that_the_demo_names_are_there(shop: Shop, customer: Customer, tmp_path: Path) -> None:
    named = addresses(Place(tmp_path))
    pages = [customer.get(urlsplit(url).path) for name, url in named.items() if name.endswith(LEGAL_SETTINGS)]
    assert [page.status_code for page in pages] == [200] * len(LEGAL_SETTINGS)
