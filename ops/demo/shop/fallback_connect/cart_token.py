"""The cart token: a JWS (RFC 7515) with the content and the prices of the cart, signed by the shop.

Fallback sells what the token contains while the shop is down. This module does not depend on Django.
"""

import json
from collections.abc import Iterator
from datetime import datetime, timedelta
from hashlib import sha256
from typing import Any

from joserfc import jwt
from joserfc.errors import JoseError
from joserfc.jwk import import_key

Claims = dict[str, Any]
JWK = dict[str, Any]

AUDIENCE = "fallback-checkout"
TYPE = "cart+jwt"
LIFETIME = timedelta(hours=24)
# Browsers store cookies of up to 4096 bytes, including name and attributes (RFC 6265, section 6.1).
MAX_TOKEN_BYTES = 3900
SHORT_TITLE = 24
# With longer texts the whole token cannot be read (ops/docs/reference/cart-token.md).
LONGEST_TITLE = 200
LONGEST_PICTURE = 500


class TooLarge(Exception):
    """The cart does not fit into a cookie even in its shortest form."""


def sign_whole(cart: Claims, issuer: str, key: JWK, now: datetime) -> str:
    """The token for `cart`, however long it is."""
    return next(_tokens(cart, issuer, key, now))


def sign(cart: Claims, issuer: str, key: JWK, now: datetime) -> str:
    """The token for `cart`, in the longest form that fits into a cookie. Raises TooLarge."""
    for token in _tokens(cart, issuer, key, now):
        if len(token) <= MAX_TOKEN_BYTES:
            return token
    raise TooLarge(f"{cart['cart_id']} has {len(cart['lines'])} lines")


def _tokens(cart: Claims, issuer: str, key: JWK, now: datetime) -> Iterator[str]:
    """The fullest form first."""
    issued = int(now.timestamp())
    frame = {
        "iss": issuer,
        "aud": AUDIENCE,
        "iat": issued,
        "exp": issued + int(LIFETIME.total_seconds()),
    }
    signer = import_key(key)
    header = {"alg": key["alg"], "kid": key["kid"], "typ": TYPE}
    for form in shorter_forms(cart):
        yield jwt.encode(header, frame | form, signer, algorithms=[key["alg"]])


def shorter_forms(cart: Claims) -> Iterator[Claims]:
    """Shorter forms of a cart: first without pictures, then with shorter titles. Items and prices always stay."""
    cart = _within_limits(cart)
    yield cart
    bare = [{name: line[name] for name in ("sku", "title", "quantity", "unit_price")} for line in cart["lines"]]
    yield cart | {"lines": bare}
    yield cart | {"lines": [line | {"title": line["title"][:SHORT_TITLE]} for line in bare]}


def _within_limits(cart: Claims) -> Claims:
    titled = [name for name in ("lines", "discounts", "delivery") if name in cart]
    return cart | {name: [_short(each) for each in cart[name]] for name in titled}


def _short(titled: Claims) -> Claims:
    """Half the address of a picture would lead nowhere."""
    fitting = {name: text for name, text in titled.items() if name != "picture" or len(text) <= LONGEST_PICTURE}
    return fitting | {"title": titled["title"][:LONGEST_TITLE]}


def read(token: str, issuer: str, key: JWK, now: datetime) -> Claims | None:
    """The claims of a token that this shop signed. None if it is forged, foreign, expired or not a token."""
    try:
        claims = jwt.decode(token, import_key(key), algorithms=[key["alg"]]).claims
        _rules(issuer, now).validate(claims)
    except (JoseError, ValueError):
        return None
    return claims


def _rules(issuer: str, now: datetime) -> jwt.JWTClaimsRegistry:
    return jwt.JWTClaimsRegistry(
        now=int(now.timestamp()),
        iss={"essential": True, "value": issuer},
        aud={"essential": True, "value": AUDIENCE},
        exp={"essential": True},
    )


def digest(cart: Claims) -> str:
    return sha256(json.dumps(cart, sort_keys=True).encode()).hexdigest()


def is_same_cart(claims: Claims, token_claims: Claims) -> bool:
    """Whether a token matches the cart, whatever form it was shortened to."""
    told = {name: token_claims.get(name) for name in claims}
    return any(json.dumps(form, sort_keys=True) == json.dumps(told, sort_keys=True) for form in shorter_forms(claims))
