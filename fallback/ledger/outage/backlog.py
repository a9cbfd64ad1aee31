"""How many orders wait for the primary, and until when: from the due set and the indexes of the headlines."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import cast

import redis

from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.outage.drain import SOON
from fallback.domain.outage.forecast import Waiting
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable


class RedisBacklog:
    """Implements outage.drain.Backlog.

    Orders that were given up and are looked for in the shop for days are no part of a drain.
    """

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def waiting(self, now: datetime, soon: timedelta = SOON) -> Waiting:
        due, border = keys.due(Queue.PLACEMENT), (now + soon).timestamp()
        with reachable():
            late = cast(list[bytes], self._redis.zrange(keys.LATE, 0, -1))
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zcount(due, "-inf", border)
        pipeline.zrange(due, f"({border}", "+inf", byscore=True, withscores=True)
        for headline in (Headline.ON_HOLD, Headline.PAYMENT_NEEDED, Headline.RECEIVED):
            pipeline.zcard(keys.headline(headline))
        with reachable():
            count, later, on_hold, asked, received = pipeline.execute()
            looks = self._redis.zmscore(due, [ref.decode() for ref in late]) if late else []
        no_part = set(late)
        comes = tuple(at - now.timestamp() for ref, at in later if ref not in no_part)
        count -= sum(at is not None and at <= border for at in looks)
        return Waiting(max(0, count), comes, on_hold=on_hold, unpaid=asked + received)
