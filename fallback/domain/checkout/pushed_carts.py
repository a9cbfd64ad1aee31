"""Pushed carts: tokens too long for a cookie, which the shop sends ahead of time. The cookie has their short form.

The short form names the cart and has a key, the digest of the token. Only who was given the token, or the key by the
shop, can have it: it opens what the token itself would, this one version of the cart. Of the key we keep a digest too,
so what is stored opens nothing.
"""

from __future__ import annotations

import binascii
import re
from base64 import urlsafe_b64decode, urlsafe_b64encode
from datetime import timedelta
from hashlib import sha256
from typing import NamedTuple, Protocol

from msgspec import Struct

from fallback.domain.checkout.cart_token import Signed

# However long a token lives, it can be bought no longer.
LONGEST_LIFE = timedelta(days=7)
_SHORT_FORM = re.compile(r"([A-Za-z0-9_-]{2,1100})\.([A-Za-z0-9_-]{43})")


class ShortForm(NamedTuple):
    cart_id: str
    key: str

    def __str__(self) -> str:
        return f"{_base64url(self.cart_id.encode())}.{self.key}"


def short_form(cart_id: str, token: str) -> ShortForm:
    return ShortForm(cart_id, digest(token))


def read_short_form(text: str) -> ShortForm | None:
    """None if it is none, a cart token for instance."""
    parts = _SHORT_FORM.fullmatch(text)
    if parts is None:
        return None
    try:
        return ShortForm(urlsafe_b64decode(parts[1] + "=" * (-len(parts[1]) % 4)).decode(), parts[2])
    except (binascii.Error, UnicodeDecodeError):
        return None


def digest(text: str) -> str:
    return _base64url(sha256(text.encode()).digest())


def _base64url(raw: bytes) -> str:
    return urlsafe_b64encode(raw).rstrip(b"=").decode()


class PushedCart(Struct, frozen=True):
    """`print`: the digest of the key. `issued_at`: the token's `iat`. `life`: for how long it is kept."""

    cart_id: str
    print: str
    issued_at: float
    life: timedelta
    signed: Signed


class PushedCarts(Protocol):
    """For each cart the newest version and the one before it. Each call may raise TryAgain."""

    def keep(self, cart: PushedCart) -> bool:
        """False if a newer version, by `issued_at`, is kept already. TryAgain also when there is no room."""

    def find(self, cart_id: str, print: str) -> Signed | None:
        """The version of the cart that `print` identifies."""
