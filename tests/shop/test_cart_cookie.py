"""The cookie that lets Fallback sell the cart while the shop is away."""

import re

from tests.shop.customers import Customer, order_of, place, verified
from tests.shop.running import NAME, Shop


def test_a_basket_becomes_a_signed_cart(customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1", quantity=2).cart

    assert (cart["iss"], cart["aud"]) == (NAME, "fallback-checkout")
    assert cart["exp"] - cart["iat"] == 24 * 60 * 60
    [line] = cart["lines"]
    assert (line["sku"], line["title"], line["quantity"], line["unit_price"]) == (
        "BK-1",
        "The Lighthouse Ledger",
        2,
        1299,
    )
    assert customer.get(line["picture"]).headers["content-type"] == "image/svg+xml"
    assert cart["tax"] == {"included": True, "amount": 170}
    assert cart["totals"] == {"goods": 2598, "discount": 0, "tax": 170, "total": 2598}


def test_the_cart_offers_the_delivery_slots_of_the_shop(customer: Customer) -> None:
    standard, courier = customer.put_in_basket("BK-1").cart["delivery"]

    assert standard == {"id": "standard", "title": "Standard delivery", "price": 495, "slots": []}
    assert (courier["id"], courier["price"], len(courier["slots"])) == ("courier", 790, 6)
    assert all(slot["starts"] < slot["ends"] for slot in courier["slots"])
    # The shop's own clock, as its customers read it.
    assert {slot["starts"][10:16] for slot in courier["slots"]} == {"T08:00", "T13:00"}


def test_totals_with_a_discount_add_up(customer: Customer) -> None:
    cart = customer.put_in_basket("BK-6", quantity=3).put_in_basket("BK-5").cart

    goods = sum(line["quantity"] * line["unit_price"] for line in cart["lines"])
    assert cart["discounts"] == [{"title": "5 euros off from 60 euros", "amount": 500}]
    assert cart["totals"]["goods"] == goods == 9699
    assert cart["totals"]["total"] == goods - 500


def test_the_cart_follows_the_basket(customer: Customer) -> None:
    customer.put_in_basket("BK-1")
    customer.put_in_basket("BK-4")

    assert [line["sku"] for line in customer.cart["lines"]] == ["BK-1", "BK-4"]


def test_the_cart_follows_the_price(shop: Shop, customer: Customer) -> None:
    customer.put_in_basket("BK-1")
    with shop.priced("BK-1", "14.00"):
        customer.get("/basket/")
        assert customer.cart["totals"]["total"] == 1400


def test_an_unchanged_basket_keeps_its_token(customer: Customer) -> None:
    token = customer.put_in_basket("BK-1").cart_token
    customer.get("/basket/")
    assert customer.cart_token == token


def test_an_empty_basket_has_no_cart(customer: Customer) -> None:
    customer.put_in_basket("BK-1").empty_basket()
    assert customer.cart_token is None


def test_the_cookie_is_out_of_reach_of_scripts_and_other_sites(shop: Shop, customer: Customer) -> None:
    customer.get("/catalogue/")
    [(product,)] = shop.sql("select id from catalogue_product where upc = 'BK-1'")
    answer = customer.post(f"/basket/add/{product}/", quantity="1").history[0]

    cookies = answer.raw.headers.getlist("Set-Cookie")
    [cookie] = [cookie for cookie in cookies if cookie.startswith("fallback_cart=")]
    assert "HttpOnly" in cookie
    assert "SameSite=Lax" in cookie
    assert "Path=/" in cookie
    assert len(cookie) < 4096


def test_the_page_hands_the_cart_to_the_failover_script(customer: Customer) -> None:
    cart = customer.put_in_basket("BK-1").cart
    page = customer.get("/basket/").text
    assert "/failover.js" in page
    [token] = re.findall(r'data-cart-token="([^"]+)"', page)
    assert verified(token)["lines"] == cart["lines"]


def test_a_returning_customer_reads_what_became_of_their_cart(shop: Shop, customer: Customer) -> None:
    order = order_of(customer.put_in_basket("BK-1").cart)
    number = place(shop, order).json()["number"]

    page = customer.get("/catalogue/").text

    assert f"Your order {order['ref']} is with us. Its number in this shop is {number}." in page
