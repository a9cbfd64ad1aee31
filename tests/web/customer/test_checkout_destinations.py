"""/checkout: delivery and tax by country, and what needs no address."""

from __future__ import annotations

from typing import Any

import pytest
from flask.testing import FlaskClient

from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem, place
from tests.web.buying import IRIS, brought, buy, in_country
from tests.web.customer.checkout_page import the_order
from tests.web.filling import press, send
from tests.web.html import Page
from tests.web.world import a_cart, signed

HOME = {"id": "home", "title": "To your home", "price": 495, "countries": ["GB", "IE"]}
ABROAD = {"id": "abroad", "title": "Abroad", "price": 1990, "countries": ["US", "CH"]}
FETCHED = {"id": "fetched", "title": "Fetch it", "price": 0, "needs_address": False}
TOTALS = {"goods": 2598, "discount": 0, "tax": 170, "total": 2598}
DESTINATIONS = [
    {"countries": ["GB", "IE"], "tax": {"included": True, "amount": 170}, "totals": TOTALS},
    {"countries": ["US"], "tax": {"included": False, "amount": 200}, "totals": TOTALS | {"tax": 200, "total": 2798}},
]
CARD_FREE = {name: text for name, text in IRIS.items() if name != "delivery.id"}


def a_cart_to(*options: dict[str, Any], **more: Any) -> str:
    return signed(a_cart(delivery=list(options), **more))


def options(page: Page) -> list[str]:
    return [each["value"] for each in page.all("input", name="delivery.id")]


def test_a_country_has_its_own_delivery_options_and_total(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, a_cart_to(HOME, ABROAD, destinations=DESTINATIONS)))
    assert options(page) == ["home"]
    offered = [each.attributes.get("value") for each in page.one("select", id="shipping_address.country").all("option")]
    assert sorted(filter(None, offered)) == ["GB", "IE", "US"]
    page = in_country(browser, "US", page)
    assert options(page) == ["abroad"]
    assert "Tax €2.00" in page.text
    there = {"line1": "1 Main Street", "city": "Springfield", "region": "IL", "postal_code": "62704", "country": "US"}
    typed = CARD_FREE | {f"shipping_address.{name}": text for name, text in there.items()}
    assert send(browser, page, "/checkout", typed | {"delivery.id": "abroad"}).status_code == 303
    order = the_order(ledger)
    assert (order.total.amount, order.tax.amount, order.taxed_for) == (2798 + 1990, 200, ("US",))
    assert [each.id for each in order.options] == ["abroad"]


def test_a_country_that_nothing_goes_to_is_refused_at_its_field_before_anything_is_paid(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    token = a_cart_to(HOME, ABROAD, destinations=DESTINATIONS)
    shown = Page(brought(browser, token))
    assert "CH" not in [each["value"] for each in shown.one("select", id="shipping_address.country").all("option")]
    swiss = {"line1": "1 Quai", "city": "Bern", "postal_code": "3000", "country": "CH"}
    answer = place(browser, cart_token=token, shipping_address=swiss, delivery={"id": "abroad"})
    assert is_problem(answer, 400, "no_delivery_there")
    assert answer.json["field"] == "shipping_address.country"
    british = {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"}
    answer = place(browser, cart_token=token, shipping_address=british, delivery={"id": "abroad"})
    assert is_problem(answer, 400, "not_delivered_there")
    assert answer.json["field"] == "delivery.id"
    assert ledger.refs() == []


def test_an_option_of_another_country_is_refused_on_the_page(browser: FlaskClient, ledger: FakeLedger) -> None:
    """The page was made for the United States; without a script Britain is chosen, and the order sent."""
    page = in_country(browser, "US", Page(brought(browser, a_cart_to(HOME, ABROAD))))
    page = Page(buy(browser, page, **{"delivery.id": "abroad"} | {"shipping_address.country": "GB"}))
    assert page.errors == {"delivery.id": "This delivery method does not go to this country. Choose another one"}
    assert options(page) == ["home"]
    assert ledger.refs() == []


def test_what_is_fetched_needs_no_address(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, a_cart_to(HOME, FETCHED)))
    assert "required" not in page.one("input", id="shipping_address.line1").attributes
    typed = {name: text for name, text in IRIS.items() if not name.startswith("shipping_address")}
    page = press(browser, page, "/checkout", typed | {"delivery.id": "fetched"})
    assert "iris@example.org" in page.text
    assert "Shipping address" not in page.text
    assert [each.text for each in page.all("a") if "/address" in each["href"]] == []
    customer = the_order(ledger).customer
    assert customer
    assert not customer.address.somewhere


def test_what_is_not_fetched_does(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, a_cart_to(HOME, FETCHED)))
    typed = {name: text for name, text in IRIS.items() if not name.startswith("shipping_address")}
    page = Page(send(browser, page, "/checkout", typed | {"delivery.id": "home"}))
    assert list(page.errors) == ["shipping_address.line1", "shipping_address.city", "shipping_address.postal_code"]
    assert ledger.refs() == []


def test_a_page_for_files_asks_for_no_address(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, a_cart_to(FETCHED)))
    assert page.all("select", id="shipping_address.country") == []
    typed = {name: text for name, text in IRIS.items() if not name.startswith("shipping_address")}
    assert send(browser, page, "/checkout", typed | {"delivery.id": "fetched"}).status_code == 303


@pytest.mark.parametrize("without", [{}, {"shipping_address": None}])
def test_a_program_may_leave_the_address_out_where_none_is_needed(
    client: FlaskClient, ledger: FakeLedger, without: dict[str, None]
) -> None:
    token = a_cart_to(HOME, FETCHED)
    answer = place(client, cart_token=token, delivery={"id": "fetched"}, **({"shipping_address": None} | without))
    assert answer.status_code == 202, answer.text
    answer = place(client, cart_token=token, delivery={"id": "home"}, shipping_address=None)
    assert is_problem(answer, 400, "address_missing")


def test_the_country_of_the_last_order_is_remembered(browser: FlaskClient) -> None:
    page = in_country(browser, "US")
    assert page.fields["shipping_address.country"] == "US"
    again = Page(browser.get("/checkout"))
    assert again.fields["shipping_address.country"] == "US"
    only = Page(brought(browser, a_cart_to(dict(HOME, countries=["IE"]))))
    assert only.fields["shipping_address.country"] == "IE"
    elsewhere = Page(brought(browser, a_cart_to(dict(HOME, countries=["AT", "CH"]))))
    assert elsewhere.fields["shipping_address.country"] == ""


def test_what_is_fetched_costs_what_is_shown_wherever_the_customer_lives(
    browser: FlaskClient, ledger: FakeLedger
) -> None:
    page = Page(brought(browser, a_cart_to(ABROAD, FETCHED, destinations=DESTINATIONS)))
    page = in_country(browser, "US", page)
    assert page.one("dl", id="sum").text == "Total €47.88 Total €25.98 Total from €25.98"
    typed = {name: text for name, text in IRIS.items() if not name.startswith("shipping_address")}
    assert send(browser, page, "/checkout", typed | {"delivery.id": "fetched"}).status_code == 303
    assert the_order(ledger).total.amount == 2598
