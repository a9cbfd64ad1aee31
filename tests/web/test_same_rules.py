"""Pages and the API accept and store the same, and refuse the same with the same field."""

from __future__ import annotations

import pytest
from flask.testing import FlaskClient

from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem, place
from tests.web.buying import buy, in_country
from tests.web.html import Page
from tests.web.world import a_cart, signed

TYPED = {
    "email": [
        *("\u200binv1@example.com", "inv3\u200e@example.com", "\ufeffinv4@example.com", "kunde@FAß.example"),
        *(" inv5@example.com", "inv6@example.com\t", "\u00a0inv7@example.com\u2003", " \u200b inv8@example.com"),
    ],
    "phone": [
        *(" 0151 23456789 ", "\t0151 23456789\u200b ", "\u00a00151 23456789\u2003"),
        *("\u202a+49 151 23456789\u202c", "+49\u00a0151\u00a023456789", "0151\u201323456789"),
        *("49 151 23450004", "4915123450004", "62 8123 4561009", "0049 151 23450004"),
    ],
    "name": [
        *(
            "Iris\u202e Murdoch",
            "Iris  Murdoch",
            " Iris\u00a0Murdoch ",
            "Iris\u2028Murdoch",
            "Iris\U000e0041\u2063 Murdoch",
        ),
        *("\u3164Iris\u034f Murdoch", "\u2003Iris Murdoch"),
    ],
}
REFUSED = {
    "email": ["ada,b@example.com", "<ada@example.com>", "ada@[127.0.0.1]", "a@exa\u200cmple.com", "4242424242424242"],
    "phone": ["4242 4242 4242 4242", "\u200b+", "call me"],
    "name": ["\u200b", "\u200d", "\u3164", "\U000e0041", "\u2800", "\ufe0f \u0301", "4242 4242 4242 4242"],
}


def cases(texts: dict[str, list[str]]) -> list[tuple[str, str]]:
    return [(name, text) for name, typed in texts.items() for text in typed]


def contact(name: str, text: str) -> dict[str, str]:
    return {"name": "Iris Murdoch", "email": "iris@example.org"} | {name: text}


@pytest.mark.parametrize(("name", "text"), cases(TYPED), ids=ascii)
def test_page_and_api_store_the_same_contact(
    browser: FlaskClient, client: FlaskClient, ledger: FakeLedger, name: str, text: str
) -> None:
    assert buy(browser, **{f"contact.{name}": text}).status_code == 303
    answer = place(client, contact=contact(name, text), cart_token=signed(a_cart(cart_id="basket-18")))
    assert answer.status_code == 202, answer.text
    by_page, by_program = (ledger.load(ref).customer for ref in ledger.refs())
    assert getattr(by_page, name) == getattr(by_program, name)
    assert getattr(by_page, name).isprintable()


@pytest.mark.parametrize(("name", "text"), cases(REFUSED), ids=ascii)
def test_page_and_api_refuse_an_invalid_contact_and_name_the_field(
    browser: FlaskClient, client: FlaskClient, name: str, text: str
) -> None:
    assert f"contact.{name}" in Page(buy(browser, **{f"contact.{name}": text})).errors
    answer = place(client, contact=contact(name, text))
    assert is_problem(answer, 400, answer.json["code"])
    assert answer.json["field"] == f"contact.{name}"


HARD_TO_SEE = ["Ring \u202etwice\u202c", " \u200bRing\u2060 twice ", "\u200b", "\u200d\n\u3164", "Line one\nline two"]


@pytest.mark.parametrize("text", HARD_TO_SEE, ids=ascii)
def test_page_and_api_store_only_the_visible_part_of_a_note(
    browser: FlaskClient, client: FlaskClient, ledger: FakeLedger, text: str
) -> None:
    assert buy(browser, note=text).status_code == 303
    assert place(client, note=text, cart_token=signed(a_cart(cart_id="basket-18"))).status_code == 202
    by_page, by_program = (ledger.load(ref).customer for ref in ledger.refs())
    assert by_page
    assert by_program
    assert by_page.note == by_program.note
    assert by_page.note is None or by_page.note.replace("\n", "").isprintable()


@pytest.mark.parametrize("name", ["name", "line1", "line2", "city", "postal_code", "region"])
def test_an_address_in_which_nothing_can_be_seen_is_refused_by_name(
    browser: FlaskClient, client: FlaskClient, name: str
) -> None:
    field = f"shipping_address.{name}"
    # A country with a region that is typed.
    there = {"line1": "1 Quay", "city": "Pago Pago", "region": "Eastern", "postal_code": "96799", "country": "AS"}
    there |= {name: "\u200d"}
    typed = {f"shipping_address.{part}": text for part, text in there.items()}
    assert field in Page(buy(browser, in_country(browser, "AS"), **typed)).errors
    answer = place(client, shipping_address=there)
    assert is_problem(answer, 400, answer.json["code"])
    assert answer.json["field"] == field
