"""The cart of a drill, signed by us: a cart token like the shop's, with a key that is used for nothing else."""

from __future__ import annotations

import hmac
from base64 import urlsafe_b64encode
from collections.abc import Iterator
from datetime import datetime, timedelta
from email.utils import parseaddr
from hashlib import sha256
from typing import Annotated, Any

import msgspec
from joserfc import jws
from joserfc.jwk import Key, import_key
from msgspec import Meta, Struct

from fallback.domain.checkout.address_formats import ANYWHERE, format_of
from fallback.domain.checkout.cart_keys import DRILL
from fallback.domain.checkout.cart_token import AUDIENCE
from fallback.domain.checkout.mail_addresses import is_address
from fallback.domain.checkout.requests import CardPayment, Contact, DeliveryChoice, PlaceOrder, ShippingAddress
from fallback.domain.misread import in_words
from fallback.domain.order.cart import Amount, CurrencyCode, DeliveryOption, Line, Tax, Text, Totals

# Longer than a drill takes: after a crash, the process that continues sends the same body again.
LIVES = timedelta(hours=1)


class DrillDelivery(Struct, frozen=True, forbid_unknown_fields=True):
    id: Text
    title: Text
    price: Amount


class DrillCart(Struct, frozen=True, forbid_unknown_fields=True):
    """The setting FALLBACK_DRILL_CART: one product that the shop always has, at today's price in minor units.

    `tax`: included in the prices, in minor units; most shops ignore it.
    """

    sku: Text
    title: Text
    unit_price: Amount
    currency: CurrencyCode
    delivery: DrillDelivery
    country: Annotated[str, Meta(pattern=r"^[A-Z]{2}$")]
    tax: Amount = 0

    def __post_init__(self) -> None:
        _address(self.country)


class DrillSettings(Struct, frozen=True, kw_only=True, rename=lambda name: f"fallback_drill_{name}"):
    """Settings, each by its name in the environment after `FALLBACK_DRILL_`. Without a cart there are no drills."""

    cart: dict[str, Any] = {}
    email: str = ""
    every_hours: Annotated[int, Meta(ge=0, le=720)] = 24

    def read_cart(self) -> DrillCart:
        """Raises msgspec.ValidationError."""
        return msgspec.convert(self.cart, DrillCart)

    def mails_to(self, sender: str) -> str:
        """The address for the mails of drills: by default that of whoever sends ours."""
        return self.email or parseaddr(sender)[1]

    def problems(self, sender: str) -> Iterator[str]:
        """Of drills that are on. Their mails must have a recipient."""
        try:
            self.read_cart()
        except msgspec.ValidationError as error:
            yield f"FALLBACK_DRILL_CART: {in_words(error)}."
        if not is_address(self.mails_to(sender)):
            yield "FALLBACK_DRILL_EMAIL is missing: who gets the mails of drills? FALLBACK_MAIL_FROM cannot."


def drill_key(secret: str) -> Key:
    """Derived, so that no further secret is needed and the shop's keys cannot sign a drill."""
    derived = urlsafe_b64encode(hmac.digest(secret.encode(), b"drill cart", sha256)).rstrip(b"=").decode()
    return import_key({"kty": "oct", "kid": DRILL, "alg": "HS256", "k": derived})


def _address(country: str) -> ShippingAddress:
    """One that its country could have. Raises ValueError for a country that does not exist."""
    there = format_of(country) or ANYWHERE
    region = (there.regions[0].code if there.regions else "Drill") if "region" in there.required else None
    code = there.examples[0] if there.examples else "12345"
    return ShippingAddress("1 Drill Street", "Drillton", code, country=country, region=region)


class DrillOrder(Struct, frozen=True):
    """Builds the body of POST /v1/orders. `key`: from `drill_key`; `email`: the address for its mails."""

    cart: DrillCart
    shop: str
    email: str
    key: Key

    def body(self, drill_id: str, began: datetime, card: str) -> bytes:
        """The same each time it is built; without a card nothing is paid."""
        cart = self.cart
        requested = PlaceOrder(
            cart_token=self._token(drill_id, began),
            contact=Contact("Drill", self.email),
            shipping_address=_address(cart.country),
            delivery=DeliveryChoice(cart.delivery.id),
            payment=CardPayment(card) if card else "later",
            note="A drill of the fallback checkout: it is cancelled within minutes. Please do not ship.",
        )
        return msgspec.json.encode(requested)

    def _token(self, drill_id: str, began: datetime) -> str:
        cart = self.cart
        delivery = DeliveryOption(cart.delivery.id, cart.delivery.title, cart.delivery.price)
        claims = {
            "iss": self.shop,
            "aud": AUDIENCE,
            "exp": int((began + LIVES).timestamp()),
            "cart_id": drill_id,
            "currency": cart.currency,
            "lines": [Line(cart.sku, cart.title, 1, cart.unit_price)],
            "tax": Tax(True, cart.tax),
            "delivery": [delivery],
            "totals": Totals(cart.unit_price, 0, cart.tax, cart.unit_price),
        }
        header = {"alg": "HS256", "kid": DRILL, "typ": "cart+jwt"}
        return jws.serialize_compact(header, msgspec.json.encode(claims), self.key, algorithms=["HS256"])
