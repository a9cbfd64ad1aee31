"""Signs a cart for Fallback Checkout: ops/docs/reference/cart-token.md. Python 3.9 or newer, standard library only.

It signs with HS256. For ES256 and Ed25519 use joserfc, as ops/demo/shop/fallback_connect/cart_token.py does.
"""

from __future__ import annotations

import hmac
import json
import time
from base64 import urlsafe_b64decode, urlsafe_b64encode
from typing import Any
from urllib.parse import quote
from urllib.request import Request, urlopen

LIFETIME_SECONDS = 24 * 3600
LONGEST_TITLE = 200
PATIENCE_SECONDS = 3
# Longer tokens are pushed: browsers drop cookies of more than 4,096 bytes, and it is not the only one.
PUSH_ABOVE = 2500


def sign_cart(cart: dict[str, Any], shop: str, key: dict[str, str], now: int | None = None) -> str:
    """The token for this cart: cart_id, currency, lines, discounts, tax, delivery, and destinations if there are any.

    Amounts are in minor units: 1299 is EUR 12.99. `shop`: the same as FALLBACK_SHOP. `key`: a JWK with the secret.
    """
    issued = int(time.time()) if now is None else now
    discounts = cart.get("discounts", [])
    goods = sum(line["quantity"] * line["unit_price"] for line in cart["lines"])
    discount = sum(each["amount"] for each in discounts)

    def totals(tax: dict[str, Any]) -> dict[str, int]:
        added = 0 if tax["included"] else tax["amount"]
        return {"goods": goods, "discount": discount, "tax": tax["amount"], "total": goods - discount + added}

    claims = {
        "iss": shop,
        "aud": "fallback-checkout",
        "iat": issued,
        "exp": issued + LIFETIME_SECONDS,
        **cart,
        "lines": [_cut(line) for line in cart["lines"]],
        "discounts": [_cut(each) for each in discounts],
        "delivery": [_cut(option) for option in cart["delivery"]],
        "totals": totals(cart["tax"]),
    }
    if "destinations" in cart:
        claims["destinations"] = [{**each, "totals": totals(each["tax"])} for each in cart["destinations"]]
    return sign_claims(claims, key)


def sign_claims(claims: dict[str, Any], key: dict[str, str]) -> str:
    """A JWS in compact form (RFC 7515) of any claims."""
    if key["alg"] != "HS256":
        raise ValueError(f"sign.py signs with HS256, not with {key['alg']}")
    header = {"alg": "HS256", "kid": key["kid"], "typ": "cart+jwt"}
    text = ".".join(_base64url(_json(part)) for part in (header, claims))
    secret = urlsafe_b64decode(key["k"] + "==")
    return f"{text}.{_base64url(hmac.digest(secret, text.encode(), 'sha256'))}"


def push(checkout: str, cart_id: str, token: str, shop_token: str) -> str:
    """Send the token of a large cart ahead of time. Returns what to set as the cookie, instead of the token.

    `checkout`: its address. `shop_token`: FALLBACK_SHOP_TOKEN. Raises OSError.
    """
    request = Request(
        f"{checkout}/v1/carts/{quote(cart_id, safe='')}",
        _json({"cart_token": token}),
        {"Authorization": f"Bearer {shop_token}", "Content-Type": "application/json"},
        method="PUT",
    )
    with urlopen(request, timeout=PATIENCE_SECONDS) as answer:
        return str(json.load(answer)["fallback_cart"])


def _cut(titled: dict[str, Any]) -> dict[str, Any]:
    return {**titled, "title": titled["title"][:LONGEST_TITLE]}


def _json(value: dict[str, Any]) -> bytes:
    return json.dumps(value, ensure_ascii=False, separators=(",", ":")).encode()


def _base64url(data: bytes) -> str:
    return urlsafe_b64encode(data).rstrip(b"=").decode()
