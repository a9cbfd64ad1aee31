"""Claims and presence in Redis. All entries expire, and none of them is needed to keep an order right."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Conflict
from fallback.domain.order.record import TRIES
from fallback.domain.support.claims import PRESENT_FOR, TYPES_FOR, Claim, Here
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable

# Longer than a claim, a request for it, or the time between two reports of a page: anything older means nothing.
KEPT = timedelta(minutes=2)
_CLAIM = msgspec.json.Decoder(Claim)


class RedisClaims:
    """Implements support.ports.Claims."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def current(self, ref: str) -> Claim | None:
        with reachable():
            document = cast(bytes | None, self._redis.get(keys.claim(ref)))
        return _CLAIM.decode(document) if document else None

    def change(self, ref: str, decide: Callable[[Claim | None], Claim | None]) -> Claim | None:
        for _ in range(TRIES):
            old = self.current(ref)
            new = decide(old)
            if new is None or self._swap(ref, old, new):
                return new
        raise Conflict(ref)

    def _swap(self, ref: str, old: Claim | None, new: Claim) -> bool:
        """Repeated after a lost response, it returns False; deciding again then finds the value that was written."""
        key, life = keys.claim(ref), int(KEPT.total_seconds() * 1000)
        stood = msgspec.json.encode(old) if old else b""
        return write(self._redis, ("SET", key, msgspec.json.encode(new), "PX", life), instead_of=(key, stood))

    def look(self, ref: str, who: str, now: datetime, stays: timedelta = PRESENT_FOR, *, types: bool = False) -> Here:
        """One round trip."""
        here, typing = keys.here(ref), keys.typing(ref)
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zremrangebyscore(here, "-inf", now.timestamp())
        pipeline.zadd(here, {who: (now + stays).timestamp()})
        pipeline.expire(here, KEPT)
        if types:
            pipeline.zadd(typing, {who: (now + TYPES_FOR).timestamp()})
            pipeline.expire(typing, TYPES_FOR)
        pipeline.zrange(here, 0, -1)
        pipeline.zrange(typing, f"({now.timestamp()}", "+inf", byscore=True)
        with reachable():
            *_, names, types_now = pipeline.execute()
        return Here(sorted(name.decode() for name in names), sorted(name.decode() for name in types_now))
