from __future__ import annotations

from typing import Any

import msgspec
import pytest

from fallback.domain.checkout.requests import (
    ChangeOrder,
    Contact,
    PlaceOrder,
    ShippingAddress,
    address,
    customer,
    phone_number,
    seen,
    seen_note,
)
from fallback.domain.order.order import Address, Customer

WISH: dict[str, Any] = {
    "cart_token": "a.b.c",
    "contact": {"name": "Iris Murdoch", "email": "iris@example.org", "phone": "+44 1482 300300"},
    "shipping_address": {"line1": "1 Quay", "city": "Hull", "postal_code": "HU1 1AA", "country": "GB"},
    "delivery": {"id": "standard"},
    "payment": {"confirmation_token": "ctoken_1"},
    "locale": "en-GB",
}


def changed(path: str, value: Any) -> dict[str, Any]:
    """The wish with another value at 'contact.email'."""
    part, _, field = path.partition(".")
    return WISH | {part: WISH[part] | {field: value} if field else value}


WITHOUT_POSTCODE = [
    {"line1": "8 Finance Street", "city": "Central", "region": "Hong Kong Island", "country": "HK"},
    {"line1": "Sheikh Zayed Rd", "city": "Dubai", "country": "AE"},
    {"line1": "1 Grafton Street", "city": "Dublin", "country": "IE"},
]


@pytest.mark.parametrize("there", WITHOUT_POSTCODE, ids=lambda there: there["country"])
@pytest.mark.parametrize("more", [{}, {"postal_code": None}])
def test_an_address_of_a_country_without_postcodes_needs_none(there: dict[str, str], more: dict[str, None]) -> None:
    requested = msgspec.convert(WISH | {"shipping_address": there | more}, PlaceOrder)
    assert address(requested.shipping_address, "Iris Murdoch").postal_code == ""


def test_where_addresses_have_postcodes_one_is_asked_for() -> None:
    for country in ("GB", "DE", "US"):
        with pytest.raises(msgspec.ValidationError, match="postal_code"):
            msgspec.convert(WISH | {"shipping_address": WITHOUT_POSTCODE[0] | {"country": country}}, PlaceOrder)


def test_a_valid_order_request_is_decoded() -> None:
    assert msgspec.convert(WISH, PlaceOrder).contact.email == "iris@example.org"


@pytest.mark.parametrize(
    ("path", "value"),
    [
        ("contact.email", "iris@example.org\n"),
        ("contact.email", "iris@example.org\r\nBcc: everybody@example.org"),
        ("contact.email", "iris"),
        ("contact.email", "iris@example"),
        ("contact.email", "a b@example.org"),
        ("contact.phone", "+44 1482 300300\n"),
        ("contact.phone", "call me"),
        ("shipping_address.country", "GB\n"),
        ("shipping_address.country", "gb"),
        ("locale", "en\n"),
        ("locale", "english"),
        ("payment.confirmation_token", "ctoken_1\n"),
        ("payment.confirmation_token", "4242424242424242"),
        ("payment", "tomorrow"),
        ("contact.name", ""),
        ("note", "x" * 1_001),
    ],
    ids=repr,
)
def test_a_field_of_another_form_is_refused(path: str, value: Any) -> None:
    with pytest.raises(msgspec.ValidationError, match=path.replace(".", r"\.")):
        msgspec.convert(changed(path, value), PlaceOrder)


def test_a_change_tells_an_absent_field_from_an_emptied_one() -> None:
    left_out, emptied = msgspec.convert({}, ChangeOrder), msgspec.convert({"note": None}, ChangeOrder)
    assert left_out.note is msgspec.UNSET
    assert emptied.note is None


def test_goods_go_to_the_name_in_the_address_else_to_the_customer() -> None:
    there = ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB")
    contact = Contact("Iris Murdoch", "iris@example.org")
    assert address(there, contact.name).name == "Iris Murdoch"
    assert address(msgspec.structs.replace(there, name="John Bayley"), contact.name).name == "John Bayley"


@pytest.mark.parametrize(
    ("path", "typed", "kept"),
    [
        ("contact.email", "\u200biris@example.org", "iris@example.org"),
        ("contact.email", "iris\u200e@example.org", "iris@example.org"),
        ("contact.email", "\ufeffiris@EXAMPLE.org", "iris@example.org"),
        ("contact.phone", "\u202a+49 151 23456789\u202c", "+49 151 23456789"),
        ("contact.phone", "+49\u00a0151\u00a023456789", "+49 151 23456789"),
        ("contact.phone", "0151\u201323456789", "0151-23456789"),
        ("contact.phone", "+٩٦٦ ٥٠ ١٢٣ ٤٥٦٧", "+966 50 123 4567"),
        ("contact.name", "\u202eIris\u202c Murdoch", "Iris Murdoch"),
        ("contact.name", "می\u200cخواهم", "می\u200cخواهم"),
        ("shipping_address.city", "Hull\u200b", "Hull"),
    ],
    ids=ascii,
)
def test_invisible_characters_are_removed_from_a_text(path: str, typed: str, kept: str) -> None:
    part, _, field = path.partition(".")
    assert getattr(getattr(msgspec.convert(changed(path, typed), PlaceOrder), part), field) == kept


@pytest.mark.parametrize(
    ("path", "typed"),
    [
        ("contact.email", "ada,b@example.com"),
        ("contact.email", "<ada@example.com>"),
        ("contact.email", "ada@[127.0.0.1]"),
        ("contact.email", "ada@exam\u200cple.com"),
        ("contact.name", "\u200b"),
        ("contact.phone", "\u200b\u200b\u200b\u200b\u200b"),
        ("shipping_address.line1", "\ufeff"),
    ],
    ids=ascii,
)
def test_a_field_that_is_empty_after_normalization_is_refused_by_its_name(path: str, typed: str) -> None:
    with pytest.raises(msgspec.ValidationError, match=f"field `{path.partition('.')[2]}`"):
        msgspec.convert(changed(path, typed), PlaceOrder)


# --- what an order keeps of it


def test_an_order_keeps_every_field_of_the_request() -> None:
    contact = Contact("Iris Murdoch", "iris@example.org", "+44 1482 300300")
    parts = {"line2": "Flat 2", "region": "Yorkshire", "company": "Sea & Sons"}
    street = ShippingAddress("1 Quay", "Hull", "HU1 1AA", country="GB", **parts)
    there = Address("Iris Murdoch", "1 Quay", "Hull", "HU1 1AA", "GB", **parts)
    assert address(street, "Iris Murdoch") == there
    assert customer(contact, there, " Ring twice ") == Customer(
        "Iris Murdoch", "iris@example.org", there, phone="+44 1482 300300", note="Ring twice"
    )
    elsewhere = ShippingAddress("1 Quay", country="HK", name="Jo", region="九龍")
    assert address(elsewhere, "Iris") == Address("Jo", "1 Quay", "Kowloon", "", "HK", region="Kowloon")


def test_an_order_without_an_address_keeps_the_name_alone() -> None:
    assert address(None, "Iris") == Address("Iris", line1="", city="", postal_code="", country="")


@pytest.mark.parametrize(("typed", "kept"), [(" DE\u200b 136 695 976 ", "DE 136 695 976"), (None, None)])
def test_a_vat_id_is_kept_in_its_visible_form(typed: str | None, kept: str | None) -> None:
    assert msgspec.convert(WISH | {"vat_id": typed}, PlaceOrder).vat_id == kept


def test_text_messages_go_to_a_mobile_phone_of_the_country() -> None:
    mobile = changed("contact.phone", "07400 123456") | {"text_messages": True}
    assert msgspec.convert(mobile, PlaceOrder).text_messages
    no_mobile = "^Object has an invalid field `text_messages`: They need the number of a mobile phone"
    for phone in ("01482 300300", None):
        with pytest.raises(msgspec.ValidationError, match=no_mobile):
            msgspec.convert(changed("contact.phone", phone) | {"text_messages": True}, PlaceOrder)


def test_a_note_without_visible_characters_counts_as_empty() -> None:
    assert [seen_note(text) for text in (None, "", " \u200b ", " Ring ")] == [None, None, None, "Ring"]


def test_what_cannot_be_read_is_told_why() -> None:
    with pytest.raises(ValueError, match=r"^This is not a phone number\.$"):
        phone_number("abc")
    with pytest.raises(ValueError, match=r"^It has no visible characters\.$"):
        seen("\u200b")
    with pytest.raises(ValueError, match=r"^Object has an invalid field `name`: It has no visible characters\.$"):
        Contact("\u200b", "iris@example.org")
    needs_one = r"^Object has an invalid field `postal_code`: Addresses in GB need one\.$"
    with pytest.raises(ValueError, match=needs_one):
        ShippingAddress("1 Quay", "Hull", country="GB")
    none_such = r"^Object has an invalid field `postal_code`: Addresses in GB have no such one, such as EC1Y 8SY\.$"
    with pytest.raises(ValueError, match=none_such):
        ShippingAddress("1 Quay", "Hull", "1", country="GB")
    no_such_region = r"^Object has an invalid field `region`: Addresses in US have no such one, such as AL\.$"
    with pytest.raises(ValueError, match=no_such_region):
        ShippingAddress("1 Quay", "Springfield", "62704", country="US", region="Kent")
    with pytest.raises(ValueError, match=r"^Object has an invalid field `country`: There is no such country\.$"):
        ShippingAddress("1 Quay", country="ZZ")
    with pytest.raises(msgspec.ValidationError, match=r"^Object has an invalid field `vat_id`: It has no visible"):
        msgspec.convert(WISH | {"vat_id": "\u200b\u200b"}, PlaceOrder)
