"""Requests of customers, as the HTTP API takes them: strict, each field typed and bounded, errors named by field.

These are request bodies, not state: an order is built from one and keeps only what it needs.
"""

from __future__ import annotations

import re
from typing import Annotated, Literal

import msgspec
from msgspec import UNSET, Meta, Struct, UnsetType

from fallback.domain import phones
from fallback.domain.checkout.address_formats import Fault, format_of
from fallback.domain.checkout.cart_token import MOST_CHARACTERS
from fallback.domain.checkout.mail_addresses import readable
from fallback.domain.order.cart import MOST_LINES
from fallback.domain.order.order import Address, Customer
from fallback.domain.plain_text import INVISIBLE, line, shows, visible

# '$' also matches before a final line break, which would then get into a mail's header.
END = r"(?!\n)"

# One line of visible text, without control characters.
LINE = r"^(?!\s*$)[^\x00-\x1f\x7f-\x9f]+$" + END

Name = Annotated[str, Meta(min_length=1, max_length=120, pattern=LINE)]
# As long as the cart may name it (domain/order/cart.py).
DeliveryId = Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE)]
# Beyond the keyboard: dashes and spaces of copied text, and invisible characters. Digits are those of any script.
_COPIED = f"\u00a0\u2007\u2009\u202f\u2010-\u2015\u2212{INVISIBLE}"
# Removed from both ends of typed or copied text.
_AROUND = rf"[ \t\u00a0\u2000-\u200a\u202f\u205f\u3000{INVISIBLE}]*"
Phone = Annotated[str, Meta(pattern=rf"^{_AROUND}\+?[\d ()/.{_COPIED}-]{{5,40}}{_AROUND}$" + END, max_length=80)]
# `mail_addresses.readable` refuses other impossible addresses (RFC 5321, 4.5.3.1).
Email = Annotated[str, Meta(pattern=rf"^{_AROUND}[^@\s]{{1,64}}@[^@\s.]+(\.[^@\s.]+)+{_AROUND}$" + END, max_length=254)]
StreetLine = Annotated[str, Meta(min_length=1, max_length=200, pattern=LINE)]
VatId = Annotated[str, Meta(min_length=2, max_length=30, pattern=LINE)]
# A note may contain tabs and line breaks.
Note = Annotated[str, Meta(max_length=1_000, pattern=r"^[^\x00-\x08\x0b\x0c\x0e-\x1f\x7f-\x9f]*$")]


def phone_number(text: str) -> str:
    """With digits as on a keyboard. Raises ValueError."""
    number = phones.plain(line(text))
    if not _PHONE.fullmatch(number):
        raise ValueError("This is not a phone number.")
    return number


def seen(text: str) -> str:
    """The visible part of the text. Raises ValueError if there is none."""
    shown = line(text)
    if not shows(shown):
        raise ValueError("It has no visible characters.")
    return shown


def seen_note(text: str | None) -> str | None:
    """The visible part of a note, None if there is none."""
    return visible(text).strip() if text and shows(text) else None


_PHONE = re.compile(r"\+?[0-9 ()/.-]{5,30}")


class _Typed(Struct, frozen=True):
    """Texts are stored in their visible form, in one spelling, whether a page or a program sent them."""

    def __post_init__(self) -> None:
        for name in self.__struct_fields__:
            text = getattr(self, name)
            if isinstance(text, str):
                self._respell(name, text)

    def _respell(self, name: str, text: str) -> None:
        try:
            msgspec.structs.force_setattr(self, name, READ.get(name, seen)(text))
        except ValueError as error:
            raise ValueError(f"Object has an invalid field `{name}`: {error}") from None


# Parsers of fields that have a format of their own.
READ = {"email": lambda text: readable(visible(text).strip()), "phone": phone_number}


class Contact(_Typed, frozen=True, forbid_unknown_fields=True):
    name: Name
    email: Email
    phone: Phone | None = None


class _Street(_Typed, frozen=True):
    line1: StreetLine
    city: Name | None = None
    postal_code: Annotated[str, Meta(min_length=1, max_length=20, pattern=LINE)] | None = None


class ShippingAddress(_Street, frozen=True, forbid_unknown_fields=True, kw_only=True):
    """`country` is ISO 3166-1 alpha-2; `name` defaults to the contact's.

    Whether town, postcode and region are needed depends on the country (domain/checkout/address_formats.py).
    """

    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$" + END)]
    name: Name | None = None
    line2: StreetLine | None = None
    region: Name | None = None
    company: Name | None = None

    def __post_init__(self) -> None:
        _Typed.__post_init__(self)
        there = format_of(self.country)
        if there is None:
            raise ValueError("Object has an invalid field `country`: There is no such country.")
        parts, faults = there.read(msgspec.structs.asdict(self))
        for name, fault in faults.items():
            what = "need one" if fault is Fault.MISSING else f"have no such one, such as {there.example_of(name)}"
            raise ValueError(f"Object has an invalid field `{name}`: Addresses in {self.country} {what}.")
        for name, text in parts.items():
            msgspec.structs.force_setattr(self, name, text or None)


class DeliveryChoice(Struct, frozen=True, forbid_unknown_fields=True):
    id: DeliveryId
    slot: DeliveryId | None = None


Quantities = Annotated[tuple[Annotated[int, Meta(ge=0, le=9_999)], ...], Meta(max_length=MOST_LINES)]


class CardPayment(Struct, frozen=True, forbid_unknown_fields=True):
    """A card, as the token that the browser got from the payment provider; its adapter knows the token's format."""

    confirmation_token: Annotated[str, Meta(pattern=r"^[A-Za-z][A-Za-z0-9_]{1,127}$" + END)]


class PlaceOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """A requested order. `payment` is a card or the word 'later': then a payment link is sent.

    `shipping_address` may be left out if the delivery option needs none. `billing_address`: if it is another one.
    `text_messages`: the customer agrees to text messages about what cannot wait; needs the number of a mobile phone.
    `without`: SKUs of the cart that are left out, because the shop has too few of them (left_out.py).
    """

    cart_token: Annotated[str, Meta(min_length=1, max_length=MOST_CHARACTERS)]
    contact: Contact
    delivery: DeliveryChoice
    payment: CardPayment | Literal["later"]
    shipping_address: ShippingAddress | None = None
    locale: Annotated[str, Meta(pattern=r"^[a-z]{2}(-[A-Z]{2})?$" + END)] = "en"
    note: Note | None = None
    billing_address: ShippingAddress | None = None
    vat_id: VatId | None = None
    text_messages: bool = False
    without: Annotated[tuple[Annotated[str, Meta(min_length=1, max_length=200)], ...], Meta(max_length=MOST_LINES)] = ()

    def __post_init__(self) -> None:
        if self.text_messages and not self._mobile():
            raise ValueError("Object has an invalid field `text_messages`: They need the number of a mobile phone.")
        if self.vat_id is not None:
            try:
                msgspec.structs.force_setattr(self, "vat_id", seen(self.vat_id))
            except ValueError as error:
                raise ValueError(f"Object has an invalid field `vat_id`: {error}") from None

    def _mobile(self) -> str:
        lives = self.shipping_address or self.billing_address
        return phones.mobile(self.contact.phone or "", lives.country if lives else "")


class ChangeOrder(Struct, frozen=True, forbid_unknown_fields=True):
    """The body of PATCH /v1/orders/{ref}: an omitted field stays as it is.

    `quantities`: one for each line, in the order of the lines; never more than was ordered; 0 removes the line.
    """

    contact: Contact | UnsetType = UNSET
    shipping_address: ShippingAddress | UnsetType = UNSET
    note: Note | UnsetType | None = UNSET
    delivery: DeliveryChoice | UnsetType = UNSET
    quantities: Quantities | UnsetType = UNSET


class WithdrawContract(_Typed, frozen=True, forbid_unknown_fields=True):
    """The body of POST /v1/orders/{ref}/withdrawal: who withdraws, and where the receipt goes.

    `quantities`: how many of each line, in the order of the lines; without it, all that is left.
    """

    name: Name
    email: Email
    quantities: Quantities | UnsetType = UNSET


# Built at import: msgspec prepares a type when it first decodes it, and two threads doing so at once can crash the
# process (0.22). Threads use a decoder that is already prepared.
CHANGE_ORDER = msgspec.json.Decoder(ChangeOrder)


def address(requested: ShippingAddress | None, name: str) -> Address:
    """`name` is the recipient if the address names none."""
    if requested is None:
        return Address(name=name, line1="", city="", postal_code="", country="")
    return Address(
        name=requested.name or name,
        line1=requested.line1,
        line2=requested.line2,
        city=requested.city or "",
        postal_code=requested.postal_code or "",
        region=requested.region,
        country=requested.country,
        company=requested.company,
    )


def customer(contact: Contact, there: Address, note: str | None) -> Customer:
    return Customer(name=contact.name, email=contact.email, phone=contact.phone, address=there, note=seen_note(note))
