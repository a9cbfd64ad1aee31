"""The form of the checkout page: the customer's input, its errors, and the requested order.

The same types check it as the body of POST /v1/orders; here each field is checked separately, so that the customer
sees all mistakes at once. The form carries its own cart token, and no cookie counts: only a browser that was given the
cart can send it, which protects against requests forged by other sites.
"""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field, replace
from datetime import datetime
from secrets import token_urlsafe
from typing import Any

import msgspec
from msgspec import ValidationError

from fallback.domain.checkout.requests import PlaceOrder
from fallback.domain.errors import Invalid
from fallback.domain.order.amended import as_amended
from fallback.domain.order.cart import Cart
from fallback.domain.order.order import Address, Customer, Order
from fallback.domain.payment.charging import SumLimit
from fallback.domain.phones import mobile
from fallback.web.http import languages
from fallback.web.http.voice import N_, Voice, hear
from fallback.web.purchase.bodies import CardBody, OrderBody
from fallback.web.purchase.checkout_address import fields_of, parts_of
from fallback.web.purchase.checkout_fields import BILLING_FIELDS, CONTACT_FIELDS, COUNTRY, FIELDS, fits, read_fields

CARD, LATER = "card", "later"
DELIVERY = "delivery.id"
BASKET = "basket"
CARD_MISSING = N_("Enter your card details, or choose to pay later")
SOLD_OUT = N_("The shop does not have enough of an item. Change your basket in the shop and come back")
NO_DELIVERY_THERE = N_("The shop does not deliver this basket to this country. Choose another one")
PLACE_ERRORS = {
    "no_delivery_there": NO_DELIVERY_THERE,
    "address_missing": N_("Enter the address that we deliver to"),
}
PHONE = "contact.phone"
NOT_MOBILE = N_("Enter the number of a mobile phone, or do without text messages")
PAY_FIRST = N_("This order has to be paid by card now. Enter your card details")
DELIVERY_ERRORS = {
    "not_delivered_there": N_("This delivery method does not go to this country. Choose another one"),
    "unknown_delivery": N_("Choose a delivery method"),
    "unknown_slot": N_("Choose a delivery time"),
    SumLimit.TOO_SMALL: N_("With this delivery method, the total is too small to pay by card. Choose another one"),
    SumLimit.TOO_LARGE: N_("With this delivery method, the total is too large to pay by card. Choose another one"),
    SumLimit.NOT_EXACT: N_(
        "With this delivery method, the exact total cannot be charged to a card. Choose another one"
    ),
}


@dataclass(frozen=True)
class CheckoutForm:
    """`values` and `errors` by field name; errors are in the order of the page, each a text to be translated.

    `addressless`: the chosen delivery needs no address. `billing`: the billing address is another one. `sms`: the
    customer agrees to text messages.
    `nonce` is new for each page: a page that is sent twice is one order, even after it was shown again with errors.
    `checking`: the outcome of the customer's attempt in the shop is unknown. `away`: the shop failed the customer.
    `invitation`: the customer opened the link to a saved form, which the form contains instead of the cart token.
    `without`: SKUs that the customer leaves out. `left`: the pieces that there are of those that were refused.
    """

    cart_token: str
    nonce: str
    locale: str
    values: Mapping[str, str]
    delivery: str
    slot: str | None = None
    addressless: bool = False
    billing: bool = False
    sms: bool = False
    payment: str = ""
    confirmation_token: str = ""
    checking: bool = False
    away: bool = False
    invitation: str = ""
    without: tuple[str, ...] = ()
    left: Mapping[str, int] = field(default_factory=dict)
    errors: Mapping[str, str] = field(default_factory=dict)

    def refused(self, error: Invalid) -> CheckoutForm:
        """The form with an error that depends on the cart: the delivery is not on offer, or not there."""
        if error.code in PLACE_ERRORS:
            return replace(self, errors={COUNTRY: PLACE_ERRORS[error.code]})
        return replace(self, errors={DELIVERY: DELIVERY_ERRORS[error.code]})

    def paid_first(self) -> CheckoutForm:
        """Refused to be paid later."""
        return replace(self, payment=CARD, errors={"payment": PAY_FIRST})

    def sold_out(self, left: Mapping[str, int]) -> CheckoutForm:
        return replace(self, left={**self.left, **left}, errors={BASKET: SOLD_OUT})

    def requested(self) -> PlaceOrder:
        """The requested order, from a form without errors. Raises Invalid for what no browser sends."""
        tree: dict[str, Any] = {
            "cart_token": self.cart_token,
            "locale": self.locale,
            "delivery": {"id": self.delivery, "slot": self.slot},
            "without": self.without,
            "payment": {"confirmation_token": self.confirmation_token} if self.payment == CARD else LATER,
        }
        tree["contact"] = {each.name.partition(".")[2]: self.values[each.name] or None for each in CONTACT_FIELDS}
        tree["shipping_address"] = None if self.addressless else parts_of(self.values)
        tree["billing_address"] = parts_of(self.values, "billing_address") if self.billing else None
        tree["vat_id"] = self.values["vat_id"] or None
        tree["text_messages"] = self.sms
        tree["note"] = self.values["note"] or None
        try:
            return msgspec.convert(tree, OrderBody)
        except ValidationError as error:
            raise Invalid("form", "unreadable_form", str(error)) from None


def new_form(cart_token: str, delivery: str, voice: Voice, checking: bool, country: str | None = None) -> CheckoutForm:
    """The initial form. `country`: where the goods probably go; None: the customer's."""
    values = dict.fromkeys((each.name for each in FIELDS), "") | {COUNTRY: voice.region if country is None else country}
    return CheckoutForm(cart_token, token_urlsafe(12), voice.locale, values, delivery, checking=checking)


def form_again(order: Order, cart_token: str, cart: Cart, delivery: str, voice: Voice, now: datetime) -> CheckoutForm:
    """The form as it was sent for an order that is undone, with all but the card; its delivery if that still is on
    offer, and else this one."""
    form = new_form(cart_token, delivery, voice, checking=False)
    chosen = as_amended(order)
    if any(option.id == chosen.delivery.id for option in cart.delivery):
        delivery = chosen.delivery.id
    slots = {slot.id for option in cart.delivery if option.id == delivery for slot in option.slots if slot.starts > now}
    slot = chosen.delivery.slot.id if chosen.delivery.slot else None
    return replace(
        form,
        values=_typed_for(chosen.customer),
        billing=bool(chosen.customer and chosen.customer.billing),
        delivery=delivery,
        slot=slot if slot in slots else None,
    )


def _typed_for(customer: Customer | None) -> dict[str, str]:
    """The fields and values of this customer."""
    if customer is None:
        return dict.fromkeys((each.name for each in FIELDS), "")
    contact = {each.name: getattr(customer, each.name.partition(".")[2]) or "" for each in CONTACT_FIELDS}
    elsewhere = customer.billing or Address(name="", line1="", city="", postal_code="", country="")
    values = contact | fields_of(customer.address) | fields_of(elsewhere, "billing_address")
    values |= {"vat_id": customer.vat_id or "", "note": customer.note or ""}
    if customer.address.name == customer.name:
        values["shipping_address.name"] = ""
    return values


def read_form(sent: Mapping[str, str]) -> CheckoutForm:
    """The form as the customer sent it. What looks like a card number is not kept."""
    billing = "billing" in sent
    # Before its fields are shown, the country is that of the goods.
    sent = {"billing_address.country": sent.get(COUNTRY, "")} | dict(sent.items())
    values, errors = read_fields(sent, [each for each in FIELDS if billing or each not in BILLING_FIELDS])
    values = dict.fromkeys((each.name for each in BILLING_FIELDS), "") | values
    delivery = sent.get(DELIVERY, "")
    if not delivery:
        errors[DELIVERY] = DELIVERY_ERRORS["unknown_delivery"]
    # Whether that is so is for the cart to say, when the order is taken.
    addressless = f"no_address.{delivery}" in sent
    if addressless:
        errors = {name: error for name, error in errors.items() if not name.startswith("shipping_address.")}
    sms = "text_messages" in sent
    lives = values[COUNTRY] if not addressless else values["billing_address.country"] if billing else ""
    if sms and not mobile(values[PHONE], lives):
        before = {each.name: errors[each.name] for each in CONTACT_FIELDS if each.name in errors}
        errors = before | {PHONE: errors.get(PHONE, NOT_MOBILE)} | errors
    token = sent.get("confirmation_token", "")
    if sent.get("payment") == CARD and not fits(token, _token_type):
        errors["payment"], token = CARD_MISSING, ""
    return CheckoutForm(
        cart_token=sent.get("cart_token", ""),
        nonce=sent.get("nonce", ""),
        locale=hear([sent.get(languages.FIELD, ""), sent.get("locale", "")]),
        values=values,
        delivery=delivery,
        slot=sent.get(f"slot.{delivery}") or None,
        addressless=addressless,
        billing=billing,
        sms=sms,
        payment=sent.get("payment", ""),
        confirmation_token=token,
        checking="checking" in sent,
        away="away" in sent,
        invitation=sent.get("invitation", ""),
        without=tuple(sku for sku in _named(sent, "without.") if f"back.{sku}" not in sent),
        left={sku: int(text) for sku, text in _named(sent, "left.").items() if text.isascii() and text.isdigit()},
        errors=errors,
    )


def _named(sent: Mapping[str, str], prefix: str) -> dict[str, str]:
    return {name.removeprefix(prefix): text[:7] for name, text in sent.items() if name.startswith(prefix)}


_token_type = msgspec.structs.fields(CardBody)[0].type
