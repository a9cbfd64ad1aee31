"""Remarks of console users on what goes wrong repeatedly: encrypted, because they may name people."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import cast

import msgspec
import redis
from msgspec import Struct

from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

MOST = 1_000
NAME = "remarks"


class Remark(Struct, frozen=True):
    at: datetime
    who: str
    text: str


_REMARK = msgspec.json.Decoder(Remark)


class Remarks:
    """Each method raises TryAgain while Redis is away. New remarks displace the oldest."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def add(self, remark: Remark) -> None:
        new = self._crypto.seal(msgspec.json.encode(remark), NAME)
        write(self._redis, ("LPUSH", keys.REMARKS, new), ("LTRIM", keys.REMARKS, 0, MOST - 1))

    def drop(self, about: Callable[[Remark], bool]) -> int:
        """Returns how many were deleted."""
        with reachable():
            lines = cast(list[bytes], self._redis.lrange(keys.REMARKS, 0, -1))
            found = [sealed for sealed in lines if about(self._opened(sealed))]
            for sealed in found:
                self._redis.lrem(keys.REMARKS, 1, cast(str, sealed))
        return len(found)

    def newest(self, most: int) -> list[Remark]:
        with reachable():
            sealed = cast(list[bytes], self._redis.lrange(keys.REMARKS, 0, most - 1))
        return [self._opened(each) for each in sealed]

    def _opened(self, sealed: bytes) -> Remark:
        return _REMARK.decode(self._crypto.open(sealed, NAME))
