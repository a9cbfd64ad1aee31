"""A basket of many books is pushed to Fallback; the cookie has what Fallback answered."""

from __future__ import annotations

import re
from collections.abc import Iterator

import pytest

from ops.demo.shop.catalogue import CATALOGUE
from ops.demo.shop.fallback_connect.pushing import PUSH_ABOVE, Pusher
from tests.shop.customers import Customer, order_of, place, verified
from tests.shop.running import TOKEN, Shop, StandInFallback, running_shop

MANY = [item.sku for item in CATALOGUE if item.in_stock][:8]


def fill(customer: Customer) -> None:
    for sku in MANY:
        customer.put_in_basket(sku)


@pytest.fixture
def large(customer: Customer) -> Customer:
    """A customer with one of each book in their basket."""
    fill(customer)
    return customer


def test_a_large_basket_is_pushed_and_a_small_one_is_not(fallback: StandInFallback, customer: Customer) -> None:
    customer.put_in_basket("BK-1")
    assert len(customer.cart_token or "") < PUSH_ABOVE
    assert customer.cart
    fill(customer)
    assert customer.cart_token
    token = fallback.pushed[customer.cart_token]
    assert len(token) > PUSH_ABOVE > 10 * len(customer.cart_token)
    assert len(verified(token)["lines"]) == len(MANY)
    assert all("picture" in line for line in verified(token)["lines"])


def test_an_unchanged_large_basket_is_pushed_once(fallback: StandInFallback, large: Customer) -> None:
    cookie, pushed = large.cart_token, len(fallback.pushed)
    for _ in range(2):
        large.get("/basket/")
    assert (large.cart_token, len(fallback.pushed)) == (cookie, pushed)


def test_a_changed_large_basket_is_pushed_anew(fallback: StandInFallback, large: Customer) -> None:
    before = large.cart_token
    large.put_in_basket("BK-1")
    assert large.cart_token
    assert large.cart_token != before
    [quantity] = [
        line["quantity"] for line in verified(fallback.pushed[large.cart_token])["lines"] if line["sku"] == "BK-1"
    ]
    assert quantity == 2


def test_the_page_hands_the_short_form_to_the_failover_script(large: Customer) -> None:
    [token] = re.findall(r'data-cart-token="([^"]+)"', large.get("/basket/").text)
    assert token == large.cart_token


def test_a_returning_customer_reads_what_became_of_their_large_cart(
    shop: Shop, fallback: StandInFallback, large: Customer
) -> None:
    assert large.cart_token
    order = order_of(verified(fallback.pushed[large.cart_token]))
    assert place(shop, order).ok
    assert f"Your order {order['ref']} is with us." in large.get("/catalogue/").text
    # The cookie of somebody else opens nothing: their session does not know it.
    other = Customer(shop)
    other.browser.cookies.set("fallback_cart", large.cart_token)
    assert order["ref"] not in other.get("/catalogue/").text


@pytest.fixture
def alone(tmp_path_factory: pytest.TempPathFactory, fallback: StandInFallback) -> Iterator[Shop]:
    """A shop whose Fallback takes no carts."""
    fallback.takes_carts = False
    with running_shop(tmp_path_factory.mktemp("alone"), fallback.url) as shop:
        yield shop
    fallback.takes_carts = True


def test_while_fallback_takes_no_carts_the_cookie_has_what_fits(alone: Shop) -> None:
    customer = Customer(alone)
    fill(customer)
    assert len(customer.cart["lines"]) == len(MANY)
    assert len(customer.cart_token or "") < 4096


def test_after_a_failure_the_next_customers_do_not_wait_for_another(fallback: StandInFallback) -> None:
    pusher = Pusher(fallback.url, "a wrong token")
    assert pusher.push("basket-1", "a.b.c") is None
    pusher._headers = {"Authorization": f"Bearer {TOKEN}"}
    assert pusher.push("basket-1", "a.b.c") is None
