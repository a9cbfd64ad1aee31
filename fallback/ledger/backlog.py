"""How many orders wait for the primary, and until when: from the due set and the indexes of the headlines."""

from __future__ import annotations

from datetime import datetime, timedelta

import redis

from fallback.domain.drain import SOON
from fallback.domain.forecast import Waiting
from fallback.domain.lifecycle import Headline
from fallback.domain.order import Queue
from fallback.ledger import keys
from fallback.ledger.reachable import reachable


class RedisBacklog:
    """Implements drain.Backlog."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def waiting(self, now: datetime, soon: timedelta = SOON) -> Waiting:
        due, border = keys.due(Queue.PLACEMENT), (now + soon).timestamp()
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zcount(due, "-inf", border)
        pipeline.zrange(due, f"({border}", "+inf", byscore=True, withscores=True)
        for headline in (Headline.ON_HOLD, Headline.PAYMENT_NEEDED, Headline.RECEIVED):
            pipeline.zcard(keys.headline(headline))
        with reachable():
            count, later, on_hold, asked, received = pipeline.execute()
        comes = tuple(at - now.timestamp() for _, at in later)
        return Waiting(count, comes, on_hold=on_hold, unpaid=asked + received)
