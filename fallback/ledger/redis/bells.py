"""Bells: the wake-up call that starts a shift.

Losing one costs seconds, never an order; a superfluous one finds no work.
"""

from __future__ import annotations

from functools import cache

import redis
from rq import Queue as Line
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.runtime.logs import get_logger

SHIFT = "workers.shifts.shift"
# A shift ends after its minute and the work in flight; RQ's own timeout is for one that hangs.
SHIFT_ENDS_BY = 300
# RQ keeps failed jobs; there is nothing to learn from a bell.
FAILED_FOR = 60

log = get_logger()


class Bells:
    """Thread safe. A queue's bells are in the RQ queue of the same name."""

    def __init__(self, client: redis.Redis) -> None:
        self._lost: set[Queue] = set()
        self._line = cache(lambda queue: Line(queue, connection=client, serializer=JSONSerializer))

    def ring(self, queue: Queue) -> None:
        """Never raises if Redis is away: the caller has done its work, and the clock process rings later."""
        try:
            line = self._line(queue)
            if line.count == 0:  # otherwise a shift is about to start: one bell is enough
                line.enqueue_call(
                    SHIFT,
                    args=(queue,),
                    timeout=SHIFT_ENDS_BY,
                    result_ttl=0,
                    failure_ttl=FAILED_FOR,
                )
            self._lost.discard(queue)
        except redis.RedisError as error:
            if queue not in self._lost:  # the clock process rings each second
                log.warning("bell_lost", queue=queue, exc_info=error)
            self._lost.add(queue)
