"""Saved replies in Redis: one document with its log, encrypted, because a text may name people."""

from __future__ import annotations

from collections.abc import Callable
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.order.record import TRIES
from fallback.domain.support.saved_replies import Replies
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

NAME = "replies"
_REPLIES = msgspec.json.Decoder(Replies)


class RedisSavedReplies:
    """Implements support.saved_replies.SavedReplies."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def read(self) -> Replies:
        return self._opened(self._sealed())

    def change(self, decide: Callable[[Replies], Replies]) -> None:
        for _ in range(TRIES):
            sealed = self._sealed()
            before = self._opened(sealed)
            after = decide(before)
            if after == before:
                return
            new = self._crypto.seal(msgspec.json.encode(after), NAME)
            if write(self._redis, ("SET", keys.REPLIES, new), instead_of=(keys.REPLIES, sealed)):
                return
        raise Conflict(keys.REPLIES)

    def _sealed(self) -> bytes:
        with reachable():
            return cast(bytes | None, self._redis.get(keys.REPLIES)) or b""

    def _opened(self, sealed: bytes) -> Replies:
        return _REPLIES.decode(self._crypto.open(sealed, NAME)) if sealed else Replies()
