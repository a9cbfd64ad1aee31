"""Requests for new order links, until the clock process handles them: encrypted, and bounded."""

from __future__ import annotations

from typing import cast

import msgspec
import redis

from fallback.domain.support.renewals import RenewalRequest
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from fallback.ledger.redis.errors import reachable

ROOM = 1_000
NAME = "renewals"
_ASKED = msgspec.json.Decoder(RenewalRequest)


class RedisRenewals:
    """Implements support.renewals.Renewals. Beyond ROOM the oldest is dropped, so that a flood stays bounded."""

    def __init__(self, client: redis.Redis, crypto: Crypto) -> None:
        self._redis = client
        self._crypto = crypto

    def ask(self, asked: RenewalRequest) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.rpush(keys.RENEWALS, self._crypto.seal(msgspec.json.encode(asked), NAME))
        pipeline.ltrim(keys.RENEWALS, -ROOM, -1)
        with reachable():
            pipeline.execute()

    def take(self, most: int) -> list[RenewalRequest]:
        with reachable():
            sealed = cast(list[bytes] | None, self._redis.lpop(keys.RENEWALS, most))
        return [_ASKED.decode(self._crypto.open(each, NAME)) for each in sealed or []]
