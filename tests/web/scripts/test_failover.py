"""failover.js on a page of the shop leads customers to us where no proxy does."""

from __future__ import annotations

from urllib.parse import urlsplit

import pytest
from playwright.sync_api import Page, Route

from tests.web.scripts.window import OURS, Window
from tests.web.world import signed

SHOP = "http://shop.example"
FALLBACK = "http://fallback.example"


def open_shop(
    window: Window,
    status: int | None,
    fallback: str = FALLBACK,
    token: str | None = None,
    serves: str | None = "primary",
) -> Page:
    """A page of a shop that answers checks with `status`, or not at all (None); `serves`: what fallback says."""
    token = signed() if token is None else token
    body = f"""<!doctype html><title>Shop</title>
        <a href="/checkout/">To the checkout</a> <a href="/books/">More books</a>
        <form method="post" action="/checkout/pay"><input name="agreed" value="yes">
          <button name="how" value="fast">Order</button></form>
        <script src="{OURS}/failover.js" defer data-checkout="/checkout/" data-probe="/"
                data-fallback="{fallback}/checkout" data-cart-token="{token}"></script>"""

    def answer(route: Route) -> None:
        if route.request.method == "HEAD":
            route.abort() if status is None else route.fulfill(status=status)
        elif urlsplit(route.request.url).path == "/":
            route.fulfill(body=body, content_type="text/html")
        else:
            route.fulfill(body="<h1>The shop</h1>", content_type="text/html")

    def answer_for_us(route: Route) -> None:
        if serves is None:
            route.abort()
        elif urlsplit(route.request.url).path == "/v1/mode":
            route.fulfill(json={"serves": serves}, headers={"Access-Control-Allow-Origin": "*"})
        else:
            route.fulfill(body="<h1>Fallback</h1>", content_type="text/html")

    window.page.route(f"{SHOP}/**", answer)
    window.page.route(f"{FALLBACK}/**", answer_for_us)
    window.page.goto(SHOP)
    return window.page


@pytest.mark.parametrize("status", [502, 521, None])
def test_a_link_to_the_checkout_of_a_shop_that_is_away_leads_to_us(window: Window, status: int | None) -> None:
    page = open_shop(window, status)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/cart") == [{"cart_token": [signed()]}]


@pytest.mark.parametrize("status", [200, 500])
def test_a_link_to_the_checkout_of_a_shop_that_answers_is_followed(window: Window, status: int) -> None:
    page = open_shop(window, status)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")


def test_a_form_that_orders_at_a_shop_that_is_away_is_not_sent(window: Window) -> None:
    page = open_shop(window, 503)
    page.get_by_role("button", name="Order").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/pay") == []


def test_a_form_that_orders_at_a_shop_that_answers_is_sent_as_it_is(window: Window) -> None:
    page = open_shop(window, 200)
    page.get_by_role("button", name="Order").click()
    page.wait_for_url(f"{SHOP}/checkout/pay")
    assert window.posts("/checkout/pay") == [{"agreed": ["yes"], "how": ["fast"]}]


def test_in_active_a_link_to_the_checkout_leads_to_us_though_the_shop_answers(window: Window) -> None:
    page = open_shop(window, 200, serves="fallback")
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/cart") == [{"cart_token": [signed()]}]


def test_in_active_a_form_that_orders_is_not_sent_to_the_shop(window: Window) -> None:
    page = open_shop(window, 200, serves="fallback")
    page.get_by_role("button", name="Order").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
    assert window.posts("/checkout/pay") == []


@pytest.mark.parametrize("status", [200, 503])
def test_nobody_is_led_to_a_fallback_that_does_not_answer(window: Window, status: int) -> None:
    page = open_shop(window, status, serves=None)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")


def test_a_fallback_that_takes_its_time_keeps_nobody_from_a_shop_that_answers(window: Window) -> None:
    page = open_shop(window, 200)
    page.route(f"{FALLBACK}/v1/mode", lambda route: None)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/", timeout=3_000)


def test_the_question_for_the_mode_carries_nothing_of_the_customer(window: Window) -> None:
    page = open_shop(window, 200)
    window.page.context.add_cookies([{"name": "theirs", "value": "1", "url": FALLBACK}])
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")
    [asked] = [request for request in window.sent if urlsplit(request.url).path == "/v1/mode"]
    assert (asked.method, asked.url) == ("GET", f"{FALLBACK}/v1/mode")
    assert "cookie" not in asked.all_headers()


def test_other_links_are_none_of_its_business(window: Window) -> None:
    page = open_shop(window, 503)
    page.get_by_text("More books").click()
    page.wait_for_url(f"{SHOP}/books/")
    assert [request.url for request in window.sent if urlsplit(request.url).path == "/v1/mode"] == []
    assert [request.method for request in window.sent if request.method == "HEAD"] == []


@pytest.mark.parametrize(("fallback", "token"), [(SHOP, None), (FALLBACK, "")])
def test_without_a_cart_or_behind_a_proxy_that_fails_over_it_does_nothing(
    window: Window, fallback: str, token: str | None
) -> None:
    page = open_shop(window, 503, fallback, token)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{SHOP}/checkout/")


def test_a_shop_that_does_not_answer_in_time_is_away(window: Window) -> None:
    page = open_shop(window, 200)
    page.route(f"{SHOP}/", lambda route: None)
    page.get_by_text("To the checkout").click()
    page.wait_for_url(f"{FALLBACK}/checkout/cart")
