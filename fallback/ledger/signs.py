"""Signs of life, for whoever looks whether all is well: when a webhook came last, whether a clock leads."""

from __future__ import annotations

from datetime import UTC, datetime
from typing import cast

import redis

from fallback.ledger import keys
from fallback.ledger.reachable import reachable

CLOCK = "clock"


class Signs:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def webhook_came(self, now: datetime) -> None:
        with reachable():
            self._redis.set(keys.WEBHOOK, now.isoformat())

    def webhook_at(self) -> datetime | None:
        """When the last one came; None if none ever did."""
        with reachable():
            came = cast(bytes | None, self._redis.get(keys.WEBHOOK))
        return datetime.fromisoformat(came.decode()) if came else None

    def clock_leads(self) -> bool:
        with reachable():
            return bool(self._redis.exists(keys.lease(CLOCK)))

    def redis_time(self) -> datetime:
        with reachable():
            seconds, microseconds = self._redis.time()
        return datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
