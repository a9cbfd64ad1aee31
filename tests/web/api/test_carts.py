"""PUT /v1/carts/{cart_id}, and what is bought with the short form: by the API and on the page."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient
from werkzeug.test import TestResponse

from fallback.bootstrap.container import Container
from fallback.domain.checkout.cart_token import COOKIE_BYTES
from fallback.domain.order.cart import MOST_LINES
from fallback.domain.order.order import Order
from fallback.web.api.carts import PUSHES_PER_MINUTE
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import AS_SHOP, is_problem, place
from tests.web.buying import at_checkout, brought, buy, keep
from tests.web.conftest import a_browser
from tests.web.customer.checkout_page import sent_by_proxy
from tests.web.customer.test_away import ways
from tests.web.html import Page, follow
from tests.web.world import NOW, STANDARD, a_cart, signed


def a_large_cart(**changes: Any) -> dict[str, Any]:
    """As many lines as there may be."""
    lines = [
        {"sku": f"BK-{place}", "title": f"A book of a long series, number {place}", "quantity": 1, "unit_price": 100}
        for place in range(MOST_LINES)
    ]
    sums = {"goods": 100 * MOST_LINES, "discount": 0, "tax": 0, "total": 100 * MOST_LINES}
    return a_cart(lines=lines, totals=sums, tax={"included": True, "amount": 0}, delivery=[STANDARD]) | changes


def push(client: FlaskClient, cart: dict[str, Any] | None = None, cart_id: str = "basket-17") -> TestResponse:
    body = {"cart_token": signed(cart or a_large_cart())}
    return client.put(f"/v1/carts/{cart_id}", json=body, headers=AS_SHOP)


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


@pytest.fixture
def customer(client: FlaskClient) -> FlaskClient:
    """The browser of a customer with a large cart, which the shop has pushed."""
    browser = a_browser(client.application)
    browser.set_cookie("fallback_cart", push(client).json["fallback_cart"], path="/")
    return browser


# --- pushing


def test_the_shop_gets_the_short_form_and_how_long_it_holds(client: FlaskClient) -> None:
    answer = push(client)
    assert answer.status_code == 200
    assert answer.json.keys() == {"cart_id", "fallback_cart", "kept_until"}
    assert (answer.json["cart_id"], answer.json["kept_until"]) == ("basket-17", "2026-11-22T10:01:00Z")
    assert len(signed(a_large_cart())) > 10 * COOKIE_BYTES > 400 * len(answer.json["fallback_cart"])
    assert push(client).json == answer.json


@pytest.mark.parametrize("cart_id", ["a/b", "grün kariert"])
def test_a_cart_may_have_any_name(client: FlaskClient, cart_id: str) -> None:
    short = push(client, a_cart(cart_id=cart_id), cart_id).json["fallback_cart"]
    assert place(client, cart_token=short).status_code == 202


def test_only_the_shop_pushes(client: FlaskClient, container: Container) -> None:
    body = {"cart_token": signed()}
    for headers in ({}, {"Authorization": "Bearer wrong"}):
        is_problem(client.put("/v1/carts/basket-17", json=body, headers=headers), 401, "token_needed")
    assert container.pushed_carts.kept == {}


def test_what_is_wrong_with_a_token_is_named(client: FlaskClient) -> None:
    is_problem(push(client, a_cart(iss="another-shop")), 400, "cart_foreign")
    is_problem(push(client, a_cart(), "basket-18"), 400, "other_cart")
    is_problem(client.put("/v1/carts/basket-17", json={}, headers=AS_SHOP), 400, "invalid")
    push(client)
    is_problem(push(client, a_cart(iat=1)), 409, "cart_outdated")


def test_a_shop_that_pushes_one_cart_without_end_is_told_to_wait(client: FlaskClient) -> None:
    statuses = [push(client, a_cart()).status_code for _ in range(PUSHES_PER_MINUTE + 1)]
    assert statuses == [200] * PUSHES_PER_MINUTE + [429]
    assert push(client, a_cart(cart_id="basket-18"), "basket-18").status_code == 200


@pytest.mark.parametrize("exp", [10**12, 1e300, 10**400], ids=["milliseconds", "float", "integer"])
def test_a_token_for_ever_is_kept_for_seven_days(client: FlaskClient, exp: float) -> None:
    assert push(client, a_cart(exp=exp)).json["kept_until"] == "2026-11-28T10:00:00Z"


def test_a_stranger_uses_up_none_of_a_carts_pushes(client: FlaskClient) -> None:
    for _ in range(PUSHES_PER_MINUTE):
        client.put("/v1/carts/basket-17", json={})
    assert push(client, a_cart()).status_code == 200


def test_without_room_the_shop_is_told_to_try_again(client: FlaskClient, container: Container) -> None:
    container.pushed_carts.full = True
    answer = push(client)
    is_problem(answer, 503, "try_again")
    assert "Retry-After" in answer.headers


def test_while_orders_cannot_be_kept_carts_are_not_either(client: FlaskClient, container: Container) -> None:
    container.readiness.found = ("the disk is full",)
    is_problem(push(client), 503, "try_again")


# --- buying


def test_a_cart_of_500_lines_is_bought_by_the_api(client: FlaskClient, ledger: FakeLedger) -> None:
    answer = place(client, cart_token=push(client).json["fallback_cart"])
    assert answer.status_code == 202
    order = the_order(ledger)
    assert len(order.lines) == 500
    assert (order.cart_id, order.payment.amount) == ("basket-17", 50_000 + 495)


def test_a_cart_of_500_lines_is_bought_by_its_token_too(client: FlaskClient, ledger: FakeLedger) -> None:
    assert place(client, cart_token=signed(a_large_cart())).status_code == 202
    assert len(the_order(ledger).lines) == 500


def test_a_cart_of_500_lines_is_bought_on_the_page(customer: FlaskClient, ledger: FakeLedger) -> None:
    page = at_checkout(customer)
    assert "A book of a long series, number 499" in page.text
    assert "Total €504.95" in page.text
    assert follow(customer, buy(customer, page)).status == 200
    assert len(the_order(ledger).lines) == 500
    assert at_checkout(customer).title == "You have already ordered this basket"


def test_a_cart_of_500_lines_comes_by_failover_js_too(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, signed(a_large_cart())))
    assert page.status == 200
    assert follow(browser, buy(browser, page)).status == 200
    assert len(the_order(ledger).lines) == 500


def test_a_form_that_was_opened_before_the_cart_changed_orders_what_it_showed(
    client: FlaskClient, customer: FlaskClient, ledger: FakeLedger
) -> None:
    page = at_checkout(customer)
    push(client, a_cart(iat=int(NOW.timestamp()) + 1))
    assert follow(customer, buy(customer, page)).status == 200
    assert len(the_order(ledger).lines) == 500


def test_a_form_of_a_version_that_is_no_longer_kept_is_told_so(
    client: FlaskClient, customer: FlaskClient, ledger: FakeLedger
) -> None:
    page = at_checkout(customer)
    for later in (1, 2):
        push(client, a_cart(iat=int(NOW.timestamp()) + later))
    answer = Page(buy(customer, page))
    assert (answer.status, answer.title) == (400, "We no longer have this basket")
    assert ledger.refs() == []


def test_the_form_of_a_large_cart_is_kept_and_opened_again(customer: FlaskClient, container: Container) -> None:
    assert keep(customer, **{"contact.email": "iris@example.org"}).status_code == 204
    draft = container.drafts.of_cart("basket-17")
    assert draft
    link = container.invitations.link(draft).removeprefix("http://localhost")
    assert "number 499" in Page(customer.get(link)).text


def test_the_same_order_sent_again_after_its_cart_is_gone_has_the_same_answer(
    client: FlaskClient, container: Container
) -> None:
    short = push(client).json["fallback_cart"]
    first = place(client, cart_token=short)
    container.pushed_carts.kept.clear()
    again = place(client, cart_token=short)
    assert (again.status_code, again.data) == (202, first.data)
    is_problem(place(client, key="key-2", cart_token=short), 400, "cart_gone")


# --- without the ledger


def test_without_the_ledger_the_checkout_of_a_pushed_cart_asks_to_try_again(
    customer: FlaskClient, container: Container
) -> None:
    container.pushed_carts.away = True
    answer = customer.get("/checkout")
    assert answer.status_code == 503
    assert "Retry-After" in answer.headers


def test_without_the_ledger_a_customer_of_the_standby_share_goes_back_to_the_shop(
    customer: FlaskClient, container: Container
) -> None:
    container.pushed_carts.away = True
    assert customer.get("/checkout", headers=sent_by_proxy("share")).status_code == 502


def test_without_the_ledger_a_failed_page_of_the_shop_leads_to_the_checkout(
    customer: FlaskClient, container: Container
) -> None:
    container.pushed_carts.away = True
    page = Page(customer.get("/away", headers=sent_by_proxy("failed")))
    assert ways(page)["Go to the checkout"] == "/checkout"
