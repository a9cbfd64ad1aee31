"""The cart token: the cart with its prices, signed by the shop ahead of time (JWS, RFC 7515; claims, RFC 7519)."""

from __future__ import annotations

from datetime import datetime
from typing import Annotated, Any, NamedTuple

import msgspec
from joserfc import jws
from joserfc.errors import JoseError
from joserfc.jwk import Key
from joserfc.jws import JWSRegistry
from joserfc.registry import JWS_HEADER_REGISTRY
from msgspec import Meta

from fallback.domain.checkout.cart_keys import DRILL, cart_keys
from fallback.domain.errors import Invalid
from fallback.domain.order.cart import (
    MOST_DELIVERIES,
    MOST_LINES,
    Asked,
    Cart,
    CurrencyCode,
    DeliveryOption,
    Destination,
    Discount,
    Line,
    Tax,
    Text,
    Totals,
    check_totals,
)
from fallback.domain.order.signed_in import SignedIn

AUDIENCE = "fallback-checkout"
# The clocks of shop and checkout may differ by this much.
LEEWAY_SECONDS = 60
# The longest token that a request may have: a cart of MOST_LINES, and within MAX_BODY_BYTES of a request.
MOST_CHARACTERS = 192 * 1024
# The shop leaves the token here.
CART_COOKIE = "fallback_cart"
# What browsers keep of a cookie, name and value together (RFC 6265, 6.1).
COOKIE_BYTES = 4_096
# A time at the end of the calendar, such as 9999-12-31 for 'no end', cannot be shown in another zone, nor counted from.
SLOT_YEARS = range(2000, 3000)
# Longer tokens are pushed: web servers have room for 4 kB of all headers of a page (nginx: proxy_buffer_size).
PUSHED_ABOVE = 2_500


class Signed(NamedTuple):
    """The payload of a token whose signature was verified. `kid`: the key's."""

    kid: str
    payload: bytes


class CartTokens:
    """Reads the tokens of one shop. `keys` is a JWKS (RFC 7517); several keys at a time allow rotation.

    `drill_key`: from drill_cart.py.
    """

    def __init__(self, keys: dict[str, Any], shop: str, drill_key: Key | None = None) -> None:
        self._keys = cart_keys(keys)
        if drill_key:
            self._keys[DRILL] = drill_key
        self._registries = {key.alg: _Headers(algorithms=[key.alg or ""]) for key in self._keys.values()}
        self._shop = shop

    @property
    def shop(self) -> str:
        return self._shop

    @property
    def algorithms(self) -> dict[str, str]:
        """The shop's own keys: the algorithm of each kid."""
        return {kid: key.alg or "" for kid, key in self._keys.items() if kid and kid != DRILL}

    def read(self, token: str, now: datetime) -> Cart:
        """The verified cart. Raises Invalid with code cart_forged, _unreadable, _foreign, _expired or totals_…"""
        return self.cart(self.verify(token), now)

    def cart(self, signed: Signed, now: datetime) -> Cart:
        """The cart of a token that was verified before. Raises Invalid, as `read` does."""
        if signed.kid not in self._keys:
            raise _unknown_key()
        claims = _decoded(signed.payload)
        if claims.iss != self._shop or not is_for_us(claims.aud):
            raise _invalid("cart_foreign", "This cart belongs to another shop.")
        if is_over(claims.exp, now):
            raise _invalid("cart_expired", "The prices in this cart have expired. Please open your basket again.")
        cart = Cart(
            shop=claims.iss,
            cart_id=claims.cart_id,
            currency=claims.currency,
            lines=claims.lines,
            tax=claims.tax,
            delivery=claims.delivery,
            totals=claims.totals,
            discounts=claims.discounts,
            destinations=claims.destinations,
            asks_for=claims.asks_for,
            customer=claims.customer,
            drill=signed.kid == DRILL,
        )
        check_totals(cart)
        return cart

    def verify(self, token: str) -> Signed:
        """What is signed, and with which key. Raises Invalid with code cart_forged."""
        try:
            signed = jws.extract_compact(token.encode(), registry=_SIZES)
            key = self._key(signed.headers())
            if not jws.validate_compact(signed, key, registry=self._registries[key.alg]):
                raise _invalid("cart_forged", "The signature of this cart does not match.")
        except (JoseError, ValueError):
            raise _invalid("cart_forged", "This is not a cart that the shop signed.") from None
        return Signed(str(key.kid), signed.payload)

    def _key(self, header: object) -> Key:
        kid = header.get("kid") if isinstance(header, dict) else None
        key = self._keys.get(kid) if isinstance(kid, str) else None
        if key is None:
            raise _unknown_key()
        return key


def is_for_us(audience: str | tuple[str, ...]) -> bool:
    """One name or several (RFC 7519, 4.1.3)."""
    return AUDIENCE in ((audience,) if isinstance(audience, str) else audience)


def is_over(expiry: float, now: datetime) -> bool:
    return expiry + LEEWAY_SECONDS < now.timestamp()


HEADERS = {name: JWS_HEADER_REGISTRY[name] for name in ("alg", "kid", "typ", "cty")}


class _Headers(JWSRegistry):
    """What a token's header may contain: no key of its own, and no URL to fetch one from."""

    default_header_registry = HEADERS
    max_payload_length = MOST_CHARACTERS


_SIZES = _Headers()


class Claims(msgspec.Struct, frozen=True):
    iss: Text
    aud: str | tuple[str, ...]
    exp: int | float
    cart_id: Text
    currency: CurrencyCode
    lines: Annotated[tuple[Line, ...], Meta(min_length=1, max_length=MOST_LINES)]
    tax: Tax
    delivery: Annotated[tuple[DeliveryOption, ...], Meta(min_length=1, max_length=MOST_DELIVERIES)]
    totals: Totals
    discounts: Annotated[tuple[Discount, ...], Meta(max_length=50)] = ()
    destinations: Annotated[tuple[Destination, ...], Meta(max_length=300)] = ()
    asks_for: Annotated[tuple[Asked, ...], Meta(max_length=3)] = ()
    customer: SignedIn | None = None

    def __post_init__(self) -> None:
        moments = (at for option in self.delivery for slot in option.slots for at in (slot.starts, slot.ends))
        if not all(at.year in SLOT_YEARS for at in moments):
            raise ValueError(f"A delivery time is not in the years {SLOT_YEARS[0]} to {SLOT_YEARS[-1]}.")


_DECODER = msgspec.json.Decoder(Claims)


def _decoded(payload: bytes) -> Claims:
    try:
        return _DECODER.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        raise _invalid("cart_unreadable", f"The cart does not have the agreed format: {error}") from None


def _unknown_key() -> Invalid:
    return _invalid("cart_forged", "The key that signed this cart is unknown.")


def _invalid(code: str, detail: str) -> Invalid:
    return Invalid("cart_token", code, detail)
