"""Pushed carts in Redis: compressed, two versions of each, bounded in bytes, and expired by Redis."""

from __future__ import annotations

import zlib
from typing import cast

import msgspec
import redis

from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.domain.errors import TryAgain
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto, Undecryptable
from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import PUSH_CART
from fallback.runtime.logs import get_logger

# Some 20,000 carts of 60 lines: memory that is reserved on top of what orders need.
MOST_BYTES = 100 * 1024 * 1024
# Before an encrypted cart; a compressed one begins with another byte (RFC 1950).
SEALED = b"e"
# A cart with this claim is encrypted; one that says so elsewhere is, too.
NAMES_CUSTOMER = b'"customer"'


class StoredCart(msgspec.Struct, frozen=True):
    """A version of a cart, as it is stored: the claims that the shop signed, and with which key."""

    kid: str
    claims: str


log = get_logger()
_STORED = msgspec.json.Decoder(StoredCart)


class RedisPushedCarts:
    """Implements checkout.pushed_carts.PushedCarts."""

    def __init__(self, client: redis.Redis, crypto: Crypto, most_bytes: int = MOST_BYTES) -> None:
        self._redis = client
        self._crypto = crypto
        self._most_bytes = most_bytes

    def keep(self, cart: PushedCart) -> bool:
        document = zlib.compress(msgspec.json.encode(StoredCart(cart.signed.kid, cart.signed.payload.decode())))
        if NAMES_CUSTOMER in cart.signed.payload:
            document = SEALED + self._crypto.seal(document, cart.cart_id)
        life = max(1, int(cart.life.total_seconds()))
        arguments = [cart.print, repr(cart.issued_at), document, life, self._most_bytes]
        with reachable():
            answer = PUSH_CART(self._redis.execute_command, [keys.pushed(cart.cart_id), keys.PUSHED_BYTES], arguments)
        if answer == b"full":
            log.warning("pushed_carts_full", bytes=self._most_bytes)
            raise TryAgain("too many carts are stored")
        return bool(answer == b"kept")

    def find(self, cart_id: str, print: str) -> Signed | None:
        fields = ("print", "doc", "print_before", "doc_before")
        with reachable():
            found = cast(list[bytes | None], self._redis.hmget(keys.pushed(cart_id), fields))
        newest, document, before, document_before = found
        if newest == print.encode() and document:
            return self._opened(document, cart_id)
        return self._opened(document_before, cart_id) if before == print.encode() and document_before else None

    def _opened(self, document: bytes, cart_id: str) -> Signed | None:
        """None: it was sealed with a key that is gone."""
        if document.startswith(SEALED):
            try:
                document = self._crypto.open(document.removeprefix(SEALED), cart_id)
            except Undecryptable:
                return None
        stored = _STORED.decode(zlib.decompress(document))
        return Signed(stored.kid, stored.claims.encode())
