"""Refs that lead to the order of another ref, in Redis."""

from __future__ import annotations

from datetime import timedelta
from typing import cast

import redis

from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# As long as a customer may come back to the page that they were promised.
KEPT_FOR = timedelta(days=90)


class RedisSecondRefs:
    """Implements checkout.journal.SecondRefs."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def lead(self, ref: str, first: str) -> None:
        with reachable():
            self._redis.set(keys.second(ref), first, ex=KEPT_FOR)

    def first_of(self, ref: str) -> str | None:
        with reachable():
            first = cast(bytes | None, self._redis.get(keys.second(ref)))
        return first.decode() if first else None
