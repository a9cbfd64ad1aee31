"""Request bodies are read strictly: an invalid one is a 4xx that names the field, never a 500, and is not stored."""

from __future__ import annotations

import json
from io import BytesIO
from typing import Any

import pytest
from flask.testing import FlaskClient
from hypothesis import HealthCheck, given, settings
from hypothesis import strategies as st

from tests.fakes.ledger import FakeLedger
from tests.web.api_client import is_problem, place
from tests.web.world import a_cart, an_order_body, signed

GOOD = json.dumps(an_order_body())
DEEP = 30_000


def send(client: FlaskClient, body: str | bytes, content_type: str = "application/json") -> Any:
    return client.post("/v1/orders", data=body, headers={"Idempotency-Key": "key-1", "Content-Type": content_type})


def with_(text: str) -> str:
    """The good body with something more in it."""
    return f"{GOOD[:-1]}, {text}}}"


def test_a_text_of_another_form_is_refused_in_words_that_can_be_read(client: FlaskClient) -> None:
    answer = place(client, contact={"name": "Iris", "email": "iris@example.org", "phone": "call me"})
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == "contact.phone"
    assert answer.json["detail"] == "Expected `str` that matches the `pattern` in /openapi.json"


@pytest.mark.parametrize(
    ("body", "field"),
    [
        ("", "body"),
        ("{", "body"),
        ("null", "body"),
        ("[]", "body"),
        ('"text"', "body"),
        (GOOD + " x", "body"),
        (GOOD + GOOD, "body"),
        (b"\xef\xbb\xbf" + GOOD.encode(), "body"),
        (GOOD.encode("utf-16"), "body"),
        (GOOD.replace("1 Quay", "1\nQuay"), "body"),
        (GOOD.replace("1 Quay", "1\x00Quay"), "body"),
        (GOOD.encode().replace(b"1 Quay", b"1 \xff Quay"), "body"),
        (GOOD.encode().replace(b"1 Quay", b"1 \xed\xa0\x80 Quay"), "body"),
        (GOOD.replace("1 Quay", "1 \\ud800 Quay"), "body"),
        (GOOD.replace("1 Quay", "1 \\udc00 Quay"), "body"),
        (GOOD.replace("1 Quay", "1\\u0000Quay"), "shipping_address.line1"),
        (GOOD.replace("1 Quay", "1\\u007fQuay"), "shipping_address.line1"),
        (GOOD.replace("1 Quay", "1\\u0085Quay"), "shipping_address.line1"),
        (GOOD.replace("Hull", "Hull\\n"), "shipping_address.city"),
        (GOOD.replace("iris@example.org", "iris@example.org\\n"), "contact.email"),
        (GOOD.replace("iris@example.org", "iris"), "contact.email"),
        (GOOD.replace("Iris Murdoch", " "), "contact.name"),
        (GOOD.replace("Iris Murdoch", "n" * 121), "contact.name"),
        (with_('"note": "\\u0000"'), "note"),
        (with_('"note": NaN'), "body"),
        (with_('"note": Infinity'), "body"),
        (with_('"note": 1'), "note"),
        (with_(f'"note": {"1" * 5_000}'), "note"),
        (with_(f'"note": {"[" * DEEP}{"]" * DEEP}'), "note"),
        (with_(f'"more": {"[" * DEEP}{"]" * DEEP}'), "more"),
        ('{"a":' * DEEP, "a"),
        ("[" * DEEP, "body"),
        (with_('"locale": "en"'), "body"),
        (with_('"more": 1'), "more"),
        (GOOD.replace('"city"', '"more": 1, "city"'), "shipping_address.more"),
        (GOOD.replace('"country": "GB"', '"country": "gb"'), "shipping_address.country"),
        (json.dumps(an_order_body(payment="now")), "payment"),
        (json.dumps(an_order_body(payment={"confirmation_token": "sk_live_1"})), "payment.confirmation_token"),
        (json.dumps(an_order_body(payment={"confirmation_token": "ctoken_1\n"})), "payment.confirmation_token"),
        (json.dumps(an_order_body(contact={"name": "Iris"})), "contact.email"),
        (json.dumps({"cart_token": "x"}), "contact"),
    ],
)
def test_an_invalid_body_is_refused_and_its_field_is_named(
    client: FlaskClient, ledger: FakeLedger, body: str | bytes, field: str
) -> None:
    answer = send(client, body)
    assert is_problem(answer, 400, "invalid")
    assert answer.json["field"] == field
    assert ledger.refs() == []


@pytest.mark.parametrize("content_type", ["", "text/plain", "application/x-www-form-urlencoded", "multipart/form-data"])
def test_a_body_of_another_kind_is_refused(client: FlaskClient, content_type: str) -> None:
    assert is_problem(send(client, GOOD, content_type), 415, "unsupported_media_type")


def test_a_body_that_is_too_large_is_refused(client: FlaskClient, ledger: FakeLedger) -> None:
    assert is_problem(send(client, GOOD + " " * 300_000), 413, "request_entity_too_large")
    assert ledger.refs() == []


def test_a_body_of_unknown_length_that_is_too_large_is_refused_and_not_cut_off(
    client: FlaskClient, ledger: FakeLedger
) -> None:
    answer = client.post(
        "/v1/orders",
        input_stream=BytesIO(GOOD.encode() + b" " * 300_000),
        headers={"Idempotency-Key": "key-1", "Content-Type": "application/json"},
        environ_overrides={"wsgi.input_terminated": True},
    )
    assert is_problem(answer, 413, "request_entity_too_large")
    assert ledger.refs() == []


@pytest.mark.parametrize(
    ("changes", "field"),
    [
        ({"note": "My card: 4242 4242 4242 4242, thanks"}, "note"),
        ({"contact": {"name": "4242424242424242", "email": "iris@example.org"}}, "contact.name"),
        ({"contact": {"name": "Iris", "email": "4242424242424242@example.org"}}, "contact.email"),
        ({"delivery": {"id": "standard", "slot": "4242-4242-4242-4242"}}, "delivery.slot"),
        ({"payment": {"confirmation_token": "pm_4242424242424242"}}, "payment.confirmation_token"),
        ({"note": "\uff14\uff12" * 8}, "note"),
    ],
)
def test_a_card_number_is_refused_wherever_it_stands(
    client: FlaskClient, ledger: FakeLedger, changes: dict[str, Any], field: str
) -> None:
    answer = place(client, **changes)
    assert is_problem(answer, 400, "card_number")
    assert answer.json["field"] == field
    assert "4242" not in answer.text
    assert ledger.refs() == []


def test_people_of_all_the_world_can_order(client: FlaskClient, ledger: FakeLedger) -> None:
    name = "Σοφία 王小明 O\u2019Neill \U0001f469\u200d\U0001f52c"
    answer = place(client, contact={"name": name, "email": "ß@exämple.org"}, note="Two\nlines\tand a tab")
    customer = ledger.load(answer.json["ref"]).customer
    assert (customer.name, customer.note) == (name, "Two\nlines\tand a tab")


values = st.recursive(
    st.none() | st.booleans() | st.integers() | st.floats() | st.text(),
    lambda inner: st.lists(inner, max_size=3) | st.dictionaries(st.text(max_size=10), inner, max_size=3),
    max_leaves=8,
)
places = st.sampled_from(
    [
        *("contact", "contact.name", "contact.email", "contact.phone", "shipping_address", "shipping_address.line1"),
        *("delivery", "delivery.slot", "payment", "payment.confirmation_token", "locale", "note", "cart_token", "more"),
    ]
)
fuzz = settings(max_examples=150, deadline=None, suppress_health_check=[HealthCheck.function_scoped_fixture])


@fuzz
@given(where=places, value=values)
def test_no_value_in_any_place_is_too_much(client: FlaskClient, where: str, value: Any) -> None:
    body = an_order_body(cart_token=signed(a_cart(cart_id="basket-fuzz")))
    group, _, name = where.rpartition(".")
    changed = body | {group: body[group] | {name: value}} if group else body | {name: value}
    assert_answered(send(client, json.dumps(changed)))


@fuzz
@given(st.binary(max_size=300) | st.text().map(lambda text: text.encode(errors="surrogatepass")))
def test_no_bytes_are_too_much(client: FlaskClient, body: bytes) -> None:
    assert_answered(send(client, body))


@fuzz
@given(where=st.integers(0, len(GOOD)), length=st.integers(0, 3), bytes_=st.binary(max_size=3))
def test_no_damage_to_a_good_body_is_too_much(client: FlaskClient, where: int, length: int, bytes_: bytes) -> None:
    body = GOOD.encode()
    assert_answered(send(client, body[:where] + bytes_ + body[where + length :]))


def assert_answered(answer: Any) -> None:
    assert answer.status_code in (202, 400, 409, 422), answer.text
    if answer.status_code != 202:
        assert answer.mimetype == "application/problem+json"
    if answer.status_code == 400:
        assert answer.json["field"]
