"""Lists and counts for people: from the indexes, never from a scan."""

from __future__ import annotations

from collections.abc import Mapping
from typing import cast

import redis
from msgspec import Struct

from fallback.domain.lifecycle import Headline
from fallback.domain.order import Order
from fallback.ledger import keys
from fallback.ledger.reachable import reachable
from fallback.ledger.redis_ledger import RedisLedger


class Page(Struct, frozen=True):
    """`rows` newest first; `next` goes into the following call as `before`, None at the end."""

    rows: list[Order]
    next: int | None
    counts: Mapping[Headline, int]


class Views:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, ledger: RedisLedger) -> None:
        self._redis = client
        self._ledger = ledger

    def newest(self, before: int | None = None, limit: int = 50, headline: Headline | None = None) -> Page:
        """Orders by accept sequence, from the one before `before` downwards; all, or those with one headline."""
        index = keys.headline(headline) if headline else keys.RECEIVED
        pipeline = self._redis.pipeline(transaction=False)
        below = f"({before}" if before is not None else "+inf"
        pipeline.zrevrangebyscore(index, below, "-inf", start=0, num=limit + 1, withscores=True)
        for each in Headline:
            pipeline.zcard(keys.headline(each))
        with reachable():
            entries, *counts = pipeline.execute()
        page = cast(list[tuple[bytes, float]], entries[:limit])
        rows = self._ledger.load_many([ref.decode() for ref, _ in page])
        following = int(page[-1][1]) if len(entries) > limit else None
        return Page(rows, following, dict(zip(Headline, counts, strict=True)))

    def by_ref(self, ref: str) -> Order:
        """Raises UnknownOrder."""
        return self._ledger.load(ref)
