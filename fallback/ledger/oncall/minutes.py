"""The last hour in Redis: a ring buffer in one hash, a field for each minute, so that it needs no cleanup."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime
from typing import cast

import msgspec
import redis
from msgspec import Struct

from fallback.domain.oncall.minutes import HANDED_OVER, SHOWN, Sums, number
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# The first minute that is shown needs the sums of the one before.
PLACES = SHOWN + 1


class _Place(Struct, frozen=True, array_like=True):
    minute: int
    sums: Sums


_PLACE = msgspec.json.Decoder(_Place)


class RedisMinutes:
    """Implements oncall.minutes.Minutes. Several processes may record the same minute: they see the same sums."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def note(self, failures: int, now: datetime) -> None:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.get(keys.SEQUENCE)
        for headline in HANDED_OVER:
            pipeline.zcard(keys.headline(headline))
        with reachable():
            accepted, *handed_over = pipeline.execute()
            place = _Place(number(now), Sums(int(accepted or 0), sum(handed_over), failures))
            self._redis.hset(keys.MINUTES, str(place.minute % PLACES), msgspec.json.encode(place))

    def noted(self, now: datetime) -> Mapping[int, Sums]:
        with reachable():
            documents = cast(list[bytes], self._redis.hvals(keys.MINUTES))
        places = map(_PLACE.decode, documents)
        return {place.minute: place.sums for place in places if 0 <= number(now) - place.minute < PLACES}
