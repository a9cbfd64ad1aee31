"""/checkout: the fields of an address are those of its country, without a script too."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from fallback.i18n import address_lines
from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem, place
from tests.web.buying import IRIS, at_checkout, brought, buy, in_country
from tests.web.customer.checkout_page import the_order
from tests.web.filling import forge, press, send
from tests.web.html import Page
from tests.web.world import a_cart, signed


def labels(page: Page) -> list[str]:
    """Those of the address, in the order of the page."""
    return [each.text for each in page.all("label") if each["for"].startswith("shipping_address.")]


COMMON = ("Country", "Street and house number", "Apartment, floor, company (optional)")
TO_WHOM = "Recipient, if not you (optional)"


@pytest.mark.parametrize(
    ("country", "asked"),
    [
        ("GB", ["Town or city", "Postcode"]),
        ("US", ["City", "State", "ZIP code"]),
        ("DE", ["Postal code", "City"]),
        ("HK", ["District (optional)", "Area"]),
        ("AE", ["Emirate"]),
        ("IE", ["City", "County (optional)", "Eircode (optional)"]),
        ("JP", ["Prefecture", "Postal code"]),
        ("SG", ["Postal code"]),
        ("IN", ["City", "PIN code", "State"]),
    ],
)
def test_each_country_asks_for_its_own_parts_in_its_own_order(
    browser: FlaskClient, country: str, asked: list[str]
) -> None:
    assert labels(in_country(browser, country)) == [*COMMON, *asked, TO_WHOM]


def test_before_a_country_is_chosen_the_usual_parts_are_asked_for(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "en"}))
    assert labels(page) == [*COMMON, "Postcode", "Town or city", "State or region (optional)", TO_WHOM]


def test_the_labels_are_in_the_language_of_the_reader(browser: FlaskClient) -> None:
    page = Page(browser.get("/checkout", headers={"Accept-Language": "de-DE"}))
    asked = ["Postleitzahl", "Ort"]
    assert labels(page)[3:5] == asked


GOES_TO = [
    ({"country": "GB", "city": "Hull", "postal_code": "hu11aa"}, ["Hull", "HU1 1AA", "United Kingdom"]),
    (
        {"country": "US", "city": "Springfield", "region": "IL", "postal_code": "62704"},
        ["Springfield, IL 62704", "United States"],
    ),
    ({"country": "DE", "city": "Berlin", "postal_code": "D-10117"}, ["10117 Berlin", "Germany"]),
    ({"country": "HK", "city": "Central", "region": "Hong Kong Island"}, ["Central", "Hong Kong Island"]),
    ({"country": "HK", "region": "Kowloon"}, ["Kowloon"]),
    ({"country": "AE", "region": "Dubai"}, ["Dubai", "United Arab Emirates"]),
    ({"country": "IE", "city": "Dublin", "region": "Co. Dublin"}, ["Dublin", "Co. Dublin", "Ireland"]),
    ({"country": "IE", "city": "Dublin", "postal_code": "d02af30"}, ["Dublin", "D02 AF30", "Ireland"]),
    ({"country": "SG", "postal_code": "546080"}, ["SINGAPORE 546080", "Singapore"]),
]


@pytest.mark.parametrize(("there", "lines"), GOES_TO, ids=lambda each: str(each))
def test_an_order_goes_to_an_address_as_its_country_writes_it(
    browser: FlaskClient, ledger: FakeLedger, there: dict[str, str], lines: list[str]
) -> None:
    typed = {name: text for name, text in IRIS.items() if not name.startswith("shipping_address")}
    typed |= {"shipping_address.line1": "1 Quay"} | {f"shipping_address.{name}": text for name, text in there.items()}
    page = in_country(browser, there["country"])
    answer = forge(browser, "/checkout", page.fields | typed)
    assert answer.status_code == 303, Page(answer).errors
    customer = the_order(ledger).customer
    assert customer
    assert address_lines(customer.address, "en")[: 2 + len(lines)][2:] == lines
    assert customer.address.city


def test_a_change_of_the_country_keeps_all_that_was_typed(browser: FlaskClient, ledger: FakeLedger) -> None:
    typed = IRIS | {"note": "Ring twice", "contact.phone": "+44 1482 300300", "delivery.id": "courier"}
    page = in_country(browser, "HK", **typed | {"shipping_address.country": "HK"})
    assert page.status == 200
    assert page.errors == {}
    kept = typed | {"shipping_address.country": "HK"}
    assert kept.items() <= page.fields.items()
    assert page.one("input", id="contact.name")["value"] == "Iris Murdoch"
    back = in_country(browser, "GB", page)
    assert (IRIS | {"delivery.id": "courier"}).items() <= back.fields.items()
    assert ledger.refs() == []


def test_what_the_country_does_not_have_is_not_part_of_the_address(browser: FlaskClient, ledger: FakeLedger) -> None:
    """The fields on the page are those of Britain: without a script, nobody pressed the button before they bought."""
    buy(browser, in_country(browser, "GB"), **IRIS | {"shipping_address.country": "AE"})
    assert ledger.refs() == []
    page = in_country(browser, "AE", in_country(browser, "GB", **IRIS))
    there = {"shipping_address.country": "AE", "shipping_address.region": "Dubai"}
    assert buy(browser, page, **not_there(page) | there).status_code == 303
    customer = the_order(ledger).customer
    assert customer
    assert (customer.address.postal_code, customer.address.city) == ("", "Dubai")


def not_there(page: Page) -> dict[str, str]:
    """What Iris cannot type, because the page has no such field: it stays as it is."""
    shown = {each["id"] for each in page.elements if "id" in each.attributes}
    return {name: page.fields[name] for name in IRIS if name in page.fields and name not in shown}


@pytest.mark.parametrize(
    ("country", "typed", "field", "error"),
    [
        ("US", {"postal_code": "HU1 1AA", "region": "IL"}, "postal_code", "Check the ZIP code"),
        ("US", {"postal_code": "62704"}, "region", "Select a state or region"),
        ("US", {"postal_code": "", "region": "IL"}, "postal_code", "Enter a ZIP code"),
        ("GB", {"postal_code": "12345"}, "postal_code", "Check the postcode"),
        ("IE", {"postal_code": "12345"}, "postal_code", "Check the Eircode"),
        ("DE", {"postal_code": ""}, "postal_code", "Enter a postal code"),
        ("AS", {"postal_code": "96799"}, "region", "Enter a state or region"),
    ],
)
def test_a_mistake_is_named_in_the_words_of_the_country(
    browser: FlaskClient, country: str, typed: dict[str, str], field: str, error: str
) -> None:
    typed = {f"shipping_address.{name}": text for name, text in typed.items()}
    page = Page(buy(browser, in_country(browser, country), **{"shipping_address.country": country} | typed))
    assert (page.status, page.errors) == (400, {f"shipping_address.{field}": error})
    assert page.one("select", id="shipping_address.country")
    example = page.all("p", id=f"shipping_address.{field}-hint")
    assert bool(example) == (field == "postal_code")


@pytest.mark.parametrize("country", ["ZZ", "UK", "XX", "AC"])
def test_a_country_that_does_not_exist_is_refused_by_the_name_of_the_field(
    browser: FlaskClient, ledger: FakeLedger, country: str
) -> None:
    page = Page(forge(browser, "/checkout", at_checkout(browser).fields | IRIS | {"shipping_address.country": country}))
    assert (page.status, page.errors) == (400, {"shipping_address.country": "Select a country"})
    assert ledger.refs() == []


def test_who_chooses_no_country_is_asked_for_one(browser: FlaskClient) -> None:
    page = Page(buy(browser, **{"shipping_address.country": ""}))
    assert page.errors == {"shipping_address.country": "Select a country"}


def test_a_region_is_chosen_from_those_of_the_country(browser: FlaskClient) -> None:
    region = in_country(browser, "US").one("select", id="shipping_address.region")
    offered = {each["value"]: each.text for each in region.all("option")}
    assert (offered["IL"], offered[""]) == ("Illinois", "Choose")
    assert region["autocomplete"] == "shipping address-level1"


def test_browsers_know_what_to_fill_in(browser: FlaskClient) -> None:
    page = in_country(browser, "US")
    tokens = {
        each["name"].partition(".")[2]: each["autocomplete"]
        for each in page.elements
        if each.attributes.get("name", "").startswith("shipping_address.")
    }
    assert tokens == {
        "country": "shipping country",
        "line1": "shipping address-line1",
        "line2": "shipping address-line2",
        "city": "shipping address-level2",
        "region": "shipping address-level1",
        "postal_code": "shipping postal-code",
        "name": "shipping name",
    }
    assert page.one("input", id="shipping_address.postal_code")["inputmode"] == "numeric"
    british = in_country(browser, "GB").one("input", id="shipping_address.postal_code").attributes
    assert "inputmode" not in british
    assert british["autocapitalize"] == "characters"


# --- companies


ASKS = ["company", "vat_id", "billing_address"]
WORKS = {
    "billing_address.company": "Murdoch Ltd",
    "billing_address.line1": "2 Office Row",
    "billing_address.city": "Springfield",
    "billing_address.region": "IL",
    "billing_address.postal_code": "62704",
}


def for_companies(browser: FlaskClient) -> Page:
    return Page(brought(browser, signed(a_cart(asks_for=ASKS))))


def test_a_company_is_asked_for_only_if_the_shop_wants_it(browser: FlaskClient) -> None:
    names = {"shipping_address.company", "vat_id", "billing"}
    assert names.isdisjoint(at_checkout(browser).fields)
    page = for_companies(browser)
    assert {"shipping_address.company", "vat_id"} <= page.fields.keys()
    assert page.one("input", id="shipping_address.company")["autocomplete"] == "shipping organization"
    assert page.one("label", **{"for": "shipping_address.line2"}).text == "Apartment, floor (optional)"
    assert page.all("select", id="billing_address.country") == []


def test_an_invoice_goes_to_another_address_in_another_country(browser: FlaskClient, ledger: FakeLedger) -> None:
    typed = IRIS | {"vat_id": "GB 123456789", "shipping_address.company": "Murdoch & Co"}
    page = Page(send(browser, for_companies(browser), "/checkout/fields", typed | {"billing": "yes"}))
    assert page.errors == {}
    assert page.fields["billing_address.country"] == "GB"
    page = Page(send(browser, page, "/checkout/fields", {"billing_address.country": "US"}))
    assert typed.items() <= page.fields.items()
    assert page.one("label", **{"for": "billing_address.postal_code"}).text == "ZIP code"
    assert page.one("input", id="billing_address.line1")["autocomplete"] == "billing address-line1"
    shown = press(browser, page, "/checkout", WORKS)
    customer = the_order(ledger).customer
    assert customer
    assert (customer.vat_id, customer.address.company) == ("GB 123456789", "Murdoch & Co")
    assert address_lines(customer.billing, "en") == [
        "Iris Murdoch", "Murdoch Ltd", "2 Office Row", "Springfield, IL 62704", "United States",
    ]  # fmt: skip
    assert "Murdoch & Co" in shown.text
    assert "Springfield, IL 62704 United States VAT ID GB 123456789" in shown.text


def test_a_mistake_in_the_billing_address_is_named_at_its_field(browser: FlaskClient, ledger: FakeLedger) -> None:
    """Without a script, its fields are shown by a button; whoever did not press it sees them now."""
    page = Page(buy(browser, for_companies(browser), **IRIS | {"billing": "yes"}))
    assert [*page.errors] == ["billing_address.line1", "billing_address.city", "billing_address.postal_code"]
    assert page.fields["billing_address.country"] == "GB"
    assert ledger.refs() == []


def test_who_takes_the_other_address_back_has_one(browser: FlaskClient, ledger: FakeLedger) -> None:
    page = Page(send(browser, for_companies(browser), "/checkout/fields", IRIS | {"billing": "yes"}))
    assert buy(browser, page, billing=None).status_code == 303
    assert the_order(ledger).customer.billing is None


def test_a_program_sends_the_same(client: FlaskClient, ledger: FakeLedger) -> None:
    there = {"line1": "2 Office Row", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB", "company": "Murdoch"}
    assert place(client, billing_address=there, vat_id="GB1").status_code == 202
    customer = the_order(ledger).customer
    assert customer
    assert customer.billing
    assert (customer.billing.company, customer.billing.name, customer.vat_id) == ("Murdoch", "Iris Murdoch", "GB1")
    answer = place(client, billing_address=there | {"country": "UK"}, cart_token=signed(a_cart(cart_id="2")))
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == "billing_address.country"
