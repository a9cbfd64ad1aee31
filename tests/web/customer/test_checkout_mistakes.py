"""/checkout: an error is shown at its field, and the rest of the form is kept."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.fakes.ledger import FakeLedger
from tests.web.buying import IRIS, at_checkout, buy
from tests.web.customer.checkout_page import the_order
from tests.web.filling import forge, press
from tests.web.html import Page
from tests.web.world import CARD

CARD_NUMBER = "4242 4242 4242 4242"


@pytest.mark.parametrize(
    ("field", "value", "error"),
    [
        ("contact.email", "", "Enter an e-mail address, like name@example.com"),
        ("contact.email", "iris at example", "Enter an e-mail address, like name@example.com"),
        ("contact.name", " ", "Enter your name"),
        ("contact.phone", "none", "Enter a phone number, like +44 20 7946 0958, or leave it empty"),
        ("shipping_address.line1", "", "Enter a street and house number"),
        ("shipping_address.postal_code", "", "Enter a postcode"),
        ("shipping_address.city", "", "Enter a town or city"),
        ("shipping_address.country", "", "Select a country"),
        ("delivery.id", None, "Choose a delivery method"),
        ("delivery.id", "courier", "Choose a delivery time"),
        ("note", "n" * 1_001, "Enter a note of at most 1,000 characters"),
        ("contact.name", CARD_NUMBER, "This looks like a card number."),
        ("note", f"my card: {CARD_NUMBER}", "This looks like a card number."),
    ],
)
def test_a_mistake_is_named_at_its_field_and_the_rest_is_kept(
    browser: FlaskClient, ledger: FakeLedger, field: str, value: str | None, error: str
) -> None:
    page = Page(buy(browser, **{field: value}))
    assert page.status == 400
    assert list(page.errors) == [field]
    assert page.errors[field].startswith(error)
    assert page.one("p", id=f"{field}-error").text == page.errors[field]
    kept = {name: text for name, text in IRIS.items() if name != field}
    assert kept.items() <= page.fields.items()
    assert ledger.refs() == []


def test_a_text_that_is_far_too_long_is_too_long_whatever_is_at_its_end(browser: FlaskClient) -> None:
    page = Page(buy(browser, note="n" * 100_000 + CARD_NUMBER))
    assert page.errors["note"].startswith("Enter a note of at most 1,000 characters")
    page = Page(buy(browser, note=CARD_NUMBER + "n" * 100_000))
    assert page.errors["note"].startswith("This looks like a card number.")
    assert CARD_NUMBER not in page.source


@pytest.mark.parametrize(
    ("field", "error"),
    [("shipping_address.country", "Select a country"), ("delivery.id", "Choose a delivery method")],
)
def test_a_choice_that_no_page_offers_is_none(browser: FlaskClient, ledger: FakeLedger, field: str, error: str) -> None:
    page = Page(forge(browser, "/checkout", at_checkout(browser).fields | IRIS | {field: "Atlantis"}))
    assert (page.status, page.errors) == (400, {field: error})
    assert ledger.refs() == []


NOTHING_CHOSEN = {"payment": "card", "delivery.id": None, "shipping_address.country": ""}


def test_all_mistakes_are_named_at_once_in_the_order_of_the_page(browser: FlaskClient) -> None:
    page = press(browser, at_checkout(browser), "/checkout", NOTHING_CHOSEN)
    places = [page.source.index(f'id="{field}"') for field in page.errors]
    assert list(page.errors) == [
        "contact.email",
        "contact.name",
        "shipping_address.country",
        "shipping_address.line1",
        "shipping_address.postal_code",
        "shipping_address.city",
        "delivery.id",
        "payment",
    ]
    assert places == sorted(places)
    assert page.one("title").text.startswith("Error:")


def test_a_card_number_is_not_shown_again(browser: FlaskClient) -> None:
    typed = dict.fromkeys(("contact.name", "contact.phone", "shipping_address.line1", "note"), CARD_NUMBER)
    assert CARD_NUMBER not in buy(browser, **typed).text


def test_a_phone_number_in_its_usual_forms_is_taken(browser: FlaskClient) -> None:
    for phone in ("+44 20 7946 0958", "030/23125-000", "+49 151 23456789", "٠٥٠ ١٢٣ ٤٥٦٧"):
        page = Page(buy(browser, **{"contact.phone": phone, "contact.name": ""}))
        assert list(page.errors) == ["contact.name"]


def test_a_card_without_its_token_is_asked_for(browser: FlaskClient) -> None:
    for token in ("", CARD_NUMBER, "ctoken"):
        page = Page(buy(browser, payment="card", confirmation_token=token))
        assert page.errors == {"payment": "Enter your card details, or choose to pay later"}
        assert page.fields["confirmation_token"] == ""


def test_a_card_that_was_given_outlasts_a_mistake_elsewhere(browser: FlaskClient) -> None:
    page = Page(buy(browser, payment="card", confirmation_token=CARD, **{"contact.name": ""}))
    assert "We have the card details that you entered." in page.text
    assert (page.fields["payment"], page.fields["confirmation_token"]) == ("card", CARD)


def test_what_is_typed_is_shown_as_text(browser: FlaskClient) -> None:
    page = Page(buy(browser, **{"contact.name": '"><b>Iris</b>', "contact.email": ""}))
    assert page.fields["contact.name"] == '"><b>Iris</b>'
    assert page.all("b") == []


def test_line_breaks_in_a_line_become_spaces(browser: FlaskClient, ledger: FakeLedger) -> None:
    buy(browser, **{"contact.name": "Iris\r\nMurdoch\t"})
    assert the_order(ledger).customer.name == "Iris Murdoch"


def test_what_no_browser_sends_is_refused(browser: FlaskClient, ledger: FakeLedger) -> None:
    shown = at_checkout(browser).fields | IRIS
    no_time = {"delivery.id": "courier", "slot.courier": "t" * 300}
    assert forge(browser, "/checkout", shown | no_time).status_code == 400
    assert forge(browser, "/checkout", shown | {"nonce": "\ud7ff\x00", "locale": "<script>"}).status_code == 303
    assert the_order(ledger).locale == "en"
