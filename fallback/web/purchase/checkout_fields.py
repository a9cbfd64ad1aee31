"""The fields of the checkout's forms: what is typed into each, its error, and the value that an order stores."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import msgspec
from msgspec import ValidationError

from fallback.domain.card_numbers import is_card_in_phone_field, looks_like_card_number
from fallback.domain.checkout.address_formats import format_of
from fallback.domain.checkout.requests import READ, Contact, Note, ShippingAddress, VatId, seen, seen_note
from fallback.domain.plain_text import line
from fallback.web.http.voice import N_
from fallback.web.purchase.checkout_address import AUTOFILL, GROUPS, TOO_LONG, error_of, in_order, known

CARD_NUMBER = N_(
    "This looks like a card number. Please leave it out here: card details go into the payment field only."
)
# Characters of a text in which a card number is looked for: twice what the longest field takes.
LONGEST = 2_000


@dataclass(frozen=True)
class Field:
    """A text field: its path in OrderBody, the type that validates it, and its error text."""

    name: str
    type: Any
    error: str


COUNTRY = "shipping_address.country"
NO_COUNTRY = N_("Select a country")
_contact = {each.name: each.type for each in msgspec.structs.fields(Contact)}
_address = {each.name: each.type for each in msgspec.structs.fields(ShippingAddress)}
CONTACT_FIELDS = (
    Field("contact.email", _contact["email"], N_("Enter an e-mail address, like name@example.com")),
    Field("contact.name", _contact["name"], N_("Enter your name")),
    Field("contact.phone", _contact["phone"], N_("Enter a phone number, like +44 20 7946 0958, or leave it empty")),
)


def _fields_of_address(group: str) -> tuple[Field, ...]:
    errors = {"country": NO_COUNTRY, "postal_code": N_("Check the postcode")} | TOO_LONG
    return tuple(Field(f"{group}.{name}", _address[name], errors[name]) for name in ("country", *AUTOFILL))


ADDRESS_FIELDS = _fields_of_address("shipping_address")
BILLING_FIELDS = _fields_of_address("billing_address")
FIELDS = (
    *CONTACT_FIELDS,
    *ADDRESS_FIELDS,
    Field("vat_id", VatId | None, N_("Enter a VAT ID, or leave it empty")),
    *BILLING_FIELDS,
    Field("note", Note | None, N_("Enter a note of at most 1,000 characters")),
)


def read_fields(sent: Mapping[str, str], fields: Sequence[Field]) -> tuple[dict[str, str], dict[str, str]]:
    """Values and errors of these fields, by name, in the order of the page."""
    values = {each.name: _typed(sent, each.name) for each in fields}
    errors = {each.name: error for each in fields if (error := _error(each, values[each.name]))}
    values |= {each.name: _read(each, values[each.name]) for each in fields if each.name not in errors}
    for group in GROUPS:
        if f"{group}.country" in values:
            _read_address(values, errors, group)
    values |= {name: "" for name, error in errors.items() if error is CARD_NUMBER}
    return values, {name: errors[name] for name in in_order(values) if name in errors}


def _read_address(values: dict[str, str], errors: dict[str, str], group: str) -> None:
    """What the country says about the parts of an address. Fields that were not to be seen for it do not count."""
    country = values[f"{group}.country"]
    if f"{group}.country" not in errors and not format_of(country):
        errors[f"{group}.country"] = NO_COUNTRY
    there = known(country)
    typed = {name: values[f"{group}.{name}"] for name in _PARTS if name in there.parts}
    parts, faults = there.read(typed)
    for name, fault in faults.items():
        errors.setdefault(f"{group}.{name}", error_of(name, fault, country))
    # Not the town: whoever leaves it empty shall find it empty.
    for name in {"postal_code", "region"} & typed.keys() - faults.keys():
        values[f"{group}.{name}"] = parts[name]


_PARTS = ("line1", "city", "postal_code", "region")


def _typed(sent: Mapping[str, str], name: str) -> str:
    text = sent.get(name, "")
    # Only the note has several lines. Elsewhere a line break is a trick or an accident.
    return seen_note(text) or "" if name == "note" else line(text)


def _error(field: Field, text: str) -> str | None:
    is_card = is_card_in_phone_field if field.name == "contact.phone" else looks_like_card_number
    if is_card(text[:LONGEST]):
        return CARD_NUMBER
    if not fits(text or None, field.type):
        return field.error
    try:
        _read(field, text)
    except ValueError:
        return field.error
    return None


def _read(field: Field, text: str) -> str:
    """Returns the value as an order stores it. Raises ValueError."""
    read = READ.get(field.name.removeprefix("contact."), seen)
    return read(text) if text and field.name != "note" else text


def fits(value: str | None, type_: Any) -> bool:
    try:
        msgspec.convert(value, type_)
    except ValidationError:
        return False
    return True
