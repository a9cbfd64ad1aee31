"""Who was signed in to the shop finds the form filled in, and their order in their account."""

from __future__ import annotations

from typing import Any

from flask.testing import FlaskClient

from fallback.bootstrap.container import Container
from fallback.domain.order.order import Order
from fallback.primaries.http.bodies import order_body
from tests.fakes.ledger import FakeLedger
from tests.web import buying
from tests.web.buying import brought, buy
from tests.web.filling import forge, press, send
from tests.web.html import Page
from tests.web.world import a_cart, signed

QUAY = {"line1": "1 Quay", "line2": "Rear door", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"}
IRIS = {"id": "4711", "email": "iris@example.org", "name": "Iris Murdoch", "phone": "+44 1482 300300"}


def at_checkout(browser: FlaskClient, **customer: Any) -> Page:
    return Page(brought(browser, signed(a_cart(customer=IRIS | customer))))


def the_order(ledger: FakeLedger) -> Order:
    [ref] = ledger.refs()
    return ledger.load(ref)


def test_the_form_is_filled_in_and_can_be_sent_as_it_is(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = at_checkout(browser, addresses=[QUAY | {"name": "Iris Murdoch"}])
    assert page.fields["contact.email"] == "iris@example.org"
    answer = send(browser, page, "/checkout", {"delivery.id": "standard", "payment": "later"})
    assert answer.status_code == 303
    customer = the_order(ledger).customer
    assert customer
    assert (customer.name, customer.phone, customer.account) == ("Iris Murdoch", "+44 1482 300300", "4711")
    assert (customer.address.line1, customer.address.line2, customer.address.city) == ("1 Quay", "Rear door", "Hull")
    assert customer.address.name == "Iris Murdoch"


def test_the_order_goes_to_the_account_whatever_the_customer_corrects(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, at_checkout(browser, addresses=[QUAY]), **{"contact.email": "another@example.org"})
    order = the_order(ledger)
    assert order.customer
    assert order.customer.email == "another@example.org"
    assert order_body(order)["customer_id"] == "4711"


def test_an_order_of_a_guest_names_no_account(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(brought(browser, signed()))
    buy(browser, page)
    assert "customer_id" not in order_body(the_order(ledger))


def test_a_form_cannot_name_an_account(browser: FlaskClient, ledger: FakeLedger) -> None:
    named = {"cart_token": signed(), "nonce": "one", "customer_id": "4711", "account": "4711"}
    assert forge(browser, "/checkout", buying.IRIS | named).status_code == 303
    customer = the_order(ledger).customer
    assert customer
    assert customer.account is None


def test_the_first_address_that_the_cart_goes_to_is_filled_in(browser: FlaskClient) -> None:
    hull = {"countries": ["GB"], "tax": {"included": True, "amount": 170}, "totals": a_cart()["totals"]}
    abroad = {"line1": "1 Rue", "city": "Paris", "postal_code": "75001", "country": "FR"}
    cart = a_cart(customer=IRIS | {"addresses": [abroad, QUAY]}, destinations=[hull])
    page = Page(brought(browser, signed(cart)))
    assert (page.fields["shipping_address.line1"], page.fields["shipping_address.city"]) == ("1 Quay", "Hull")


def test_what_the_shop_has_of_the_customer_is_only_a_suggestion(browser: FlaskClient) -> None:
    nowhere = {"line1": "1 Nowhere", "country": "XX"}
    page = at_checkout(browser, email="not an address", addresses=[nowhere])
    assert page.status == 200
    assert page.fields["contact.email"] == "not an address"
    assert page.fields["shipping_address.line1"] == ""


def test_another_saved_address_is_one_button_away(browser: FlaskClient, ledger: FakeLedger) -> None:
    work = {"line1": "7 Office Park", "city": "Leeds", "postal_code": "LS1 4AP", "country": "GB", "name": "Murdoch Ltd"}
    abroad = {"line1": "1 Nowhere", "country": "XX"}
    page = at_checkout(browser, addresses=[QUAY, abroad, work])
    assert [button.text for button in page.all("button") if button.attributes.get("name") == "saved_address"] == [
        "Murdoch Ltd, 7 Office Park, Leeds, LS1 4AP, United Kingdom"
    ]
    typed = {"saved_address": "2", "contact.phone": "+44 20 7946 0958"}

    page = press(browser, page, "/checkout/fields", typed)

    shown = {name.partition(".")[2]: typed for name, typed in page.fields.items() if name.startswith("shipping")}
    assert shown | work == shown | {"line2": ""}
    assert page.fields["contact.phone"] == "+44 20 7946 0958"
    assert "1 Quay, Rear door, Hull" in page.text
    send(browser, page, "/checkout", {"delivery.id": "standard", "payment": "later"})
    customer = the_order(ledger).customer
    assert customer
    assert (customer.address.name, customer.address.city) == ("Murdoch Ltd", "Leeds")


def test_the_link_to_a_saved_form_shows_no_saved_addresses(browser: FlaskClient, container: Container) -> None:
    saved = [QUAY, QUAY | {"line1": "2 Quay"}]
    page = at_checkout(browser, addresses=saved)
    assert "2 Quay" in page.text
    forge(browser, "/checkout/draft", page.fields)  # checkout.js does
    draft = container.drafts.of_cart("basket-17")
    assert draft

    page = Page(browser.get(container.invitations.link(draft).removeprefix("http://localhost")))
    filled = Page(forge(browser, "/checkout/fields", page.fields | {"saved_address": "1"}))

    for each in (page, filled):
        assert (each.status, "Quay" in each.source) == (200, False)
