"""What is wrong with a cart token, in words for who signs it: all faults, where CartTokens.read stops at the first."""

from __future__ import annotations

import binascii
from base64 import urlsafe_b64decode
from collections.abc import Generator, Iterator
from datetime import UTC, datetime
from typing import Any

import msgspec
from msgspec import Raw, Struct

from fallback.domain.checkout.cart_token import (
    AUDIENCE,
    HEADERS,
    MOST_CHARACTERS,
    CartTokens,
    Claims,
    is_for_us,
    is_over,
)
from fallback.domain.checkout.pushed_carts import read_short_form
from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.domain.order.cart import Destination, Totals
from fallback.domain.order.exposure import available, pieces

# Of a time in milliseconds; as seconds this is the year 5138.
MILLISECONDS = 10**11
OLDER_NAMES = {"EdDSA": "Ed25519"}


class Fault(Struct, frozen=True):
    """`code`: that of the API, or 'warning' for what is not refused."""

    code: str
    words: str


WARNING = "warning"


def faults(tokens: CartTokens, token: str, now: datetime) -> Iterator[Fault]:
    """Those of the signature, of the form of the claims, of the claims themselves. None: `tokens.read` takes it."""
    if len(token) > MOST_CHARACTERS:
        yield Fault("invalid", f"The token has {len(token):,} characters; at most {MOST_CHARACTERS:,} are taken.")
        return
    try:
        payload = tokens.verify(token).payload
    except Invalid as refused:
        yield Fault(refused.code, _of_signature(tokens, token) or refused.detail)
        payload = (token.count(".") == 2 and _decoded(token.split(".")[1])) or b""
        if not payload:
            return
    claims = yield from _of_form(payload)
    if claims:
        yield from _of_claims(claims, tokens.shop, now)


def _of_signature(tokens: CartTokens, token: str) -> str:
    """Why the token counts as forged; empty if it cannot be told."""
    if read_short_form(token):
        return "This is the short form of a pushed cart. Check the token that was pushed."
    parts = token.split(".")
    if len(parts) != 3:
        return f"A token has three parts with points between them (JWS); this text has {len(parts)}."
    header = _header(parts[0])
    if header is None:
        return "The header, the first part, is not a JSON object in base64url."
    known = tokens.algorithms
    kid, alg = header.get("kid"), header.get("alg")
    if kid not in list(known):
        said = f"kid is {kid!r}" if "kid" in header else "The header has no kid"
        return f"{said}; CART_KEYS has {', '.join(map(repr, known))}."
    if alg != known[kid]:
        newer = " (its newer name, RFC 9864)" if OLDER_NAMES.get(str(alg)) == known[kid] else ""
        return f"alg is {alg!r}; the key {kid!r} is for {known[kid]!r}{newer}."
    if unknown := sorted(header.keys() - HEADERS.keys()):
        return f"The header has {', '.join(map(repr, unknown))}; it may have {', '.join(HEADERS)}."
    if _decoded(parts[1]) is None or _decoded(parts[2]) is None:
        return "A part is not base64url (RFC 4648, 5), or was cut off."
    return f"The signature is not one of the key {kid!r}: another secret signed it, or it was changed or cut off."


def _header(part: str) -> dict[str, Any] | None:
    try:
        header = msgspec.json.decode(_decoded(part) or b"")
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError):
        return None
    return header if isinstance(header, dict) else None


def _decoded(part: str) -> bytes | None:
    try:
        return urlsafe_b64decode(part + "=" * (-len(part) % 4))
    except (binascii.Error, ValueError):
        return None


_PARTS = {field.encode_name: field for field in msgspec.structs.fields(Claims)}
_DECODERS = {name: msgspec.json.Decoder(field.type) for name, field in _PARTS.items()}
_CLAIMS = msgspec.json.Decoder(dict[str, Raw])
_WHOLE = msgspec.json.Decoder(Claims)


def _of_form(payload: bytes) -> Generator[Fault, None, Claims | None]:
    """The faults of each claim, one by one. Returns the claims if there are no faults."""
    try:
        given = _CLAIMS.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield Fault("cart_unreadable", f"The claims are not a JSON object: {error}.")
        return None
    found = [words for name in _PARTS if (words := _of_claim(name, given))]
    try:
        claims = _WHOLE.decode(payload)
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        yield from (Fault("cart_unreadable", words) for words in found or [f"{error}."])
        return None
    return claims


def _of_claim(name: str, given: dict[str, Raw]) -> str:
    if name not in given:
        return f"{name} is missing." if _PARTS[name].required else ""
    try:
        _DECODERS[name].decode(given[name])
    except (msgspec.DecodeError, UnicodeDecodeError, RecursionError) as error:
        what, _, path = str(error).partition(" - at `$")
        return f"{name}{path.rstrip('`')}: {what}."
    return ""


def _of_claims(claims: Claims, shop: str, now: datetime) -> Iterator[Fault]:
    if claims.iss != shop:
        yield Fault("cart_foreign", f"iss is {claims.iss!r}; FALLBACK_SHOP is {shop!r}.")
    if not is_for_us(claims.aud):
        named = claims.aud if isinstance(claims.aud, str) else list(claims.aud)
        yield Fault("cart_foreign", f"aud is {named!r}; it has to name {AUDIENCE!r}.")
    if is_over(claims.exp, now):
        yield Fault("cart_expired", f"It expired at {moment(claims.exp)}; now it is {now:%Y-%m-%d %H:%M:%S} UTC.")
    if claims.exp >= MILLISECONDS:
        yield Fault(WARNING, f"exp is {claims.exp}: in milliseconds? It counts seconds, so this token never expires.")
    yield from _of_totals(claims)
    yield from _of_stock(claims)


def _of_totals(claims: Claims) -> Iterator[Fault]:
    goods = sum(line.quantity * line.unit_price for line in claims.lines)
    discount = sum(each.amount for each in claims.discounts)
    yield from _of_sums("", claims, goods, discount, claims.currency)
    for place, destination in enumerate(claims.destinations):
        yield from _of_sums(f"destinations[{place}].", destination, goods, discount, claims.currency)
    if discount > goods:
        above = Money(discount - goods, claims.currency)
        yield Fault("totals_do_not_add_up", f"The discounts are {above} more than the goods.")


def _of_sums(where: str, priced: Claims | Destination, goods: int, discount: int, currency: str) -> Iterator[Fault]:
    """`where`: the path of these totals and this tax."""
    added = 0 if priced.tax.included else priced.tax.amount
    should = Totals(goods, discount, priced.tax.amount, goods - discount + added)
    with_all = " ".join(("the lines", *["less the discounts"][: discount > 0], *["with the added tax"][: added > 0]))
    made_by = {
        "goods": "the lines make",
        "discount": "the discounts make",
        "tax": "tax.amount is",
        "total": f"{with_all} make",
    }
    for name, words in made_by.items():
        said, makes = (Money(getattr(totals, name), currency) for totals in (priced.totals, should))
        if said != makes:
            yield Fault("totals_do_not_add_up", f"{where}totals.{name} is {said.decimal}, {words} {makes.decimal}.")


def _of_stock(claims: Claims) -> Iterator[Fault]:
    told = available(claims.lines)
    for sku, wanted in pieces(claims.lines).items():
        if wanted > told[sku]:
            yield Fault(WARNING, f"The cart has {wanted} of {sku!r}, and available is {told[sku]}.")


def moment(seconds: float) -> str:
    try:
        return f"{datetime.fromtimestamp(seconds, UTC):%Y-%m-%d %H:%M:%S} UTC"
    except (ValueError, OverflowError, OSError):
        return f"{seconds} seconds after 1970"
