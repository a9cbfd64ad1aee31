"""Counts that begin anew a day after the first."""

from __future__ import annotations

import redis

from fallback.ledger.redis.errors import reachable

DAY_SECONDS = 24 * 3600


def count(client: redis.Redis, key: str) -> int:
    """Count once more; returns the count of the day. Raises TryAgain."""
    pipeline = client.pipeline(transaction=True)
    pipeline.set(key, 0, ex=DAY_SECONDS, nx=True)
    pipeline.incr(key)
    with reachable():
        return int(pipeline.execute()[1])
