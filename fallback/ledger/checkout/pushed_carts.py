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
from fallback.ledger.redis.errors import reachable
from fallback.ledger.scripts import PUSH_CART
from fallback.runtime.logs import get_logger

# Some 20,000 carts of 60 lines: memory that is reserved on top of what orders need.
MOST_BYTES = 100 * 1024 * 1024


class StoredCart(msgspec.Struct, frozen=True):
    """A version of a cart, as it is stored: the claims that the shop signed, and with which key."""

    kid: str
    claims: str


log = get_logger()
_STORED = msgspec.json.Decoder(StoredCart)


class RedisPushedCarts:
    """Implements checkout.pushed_carts.PushedCarts."""

    def __init__(self, client: redis.Redis, most_bytes: int = MOST_BYTES) -> None:
        self._redis = client
        self._most_bytes = most_bytes

    def keep(self, cart: PushedCart) -> bool:
        document = zlib.compress(msgspec.json.encode(StoredCart(cart.signed.kid, cart.signed.payload.decode())))
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
            return _opened(document)
        return _opened(document_before) if before == print.encode() and document_before else None


def _opened(document: bytes) -> Signed:
    stored = _STORED.decode(zlib.decompress(document))
    return Signed(stored.kid, stored.claims.encode())
