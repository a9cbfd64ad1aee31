"""Which workers are there, by what RQ writes down about each. One that was killed is forgotten within minutes."""

from __future__ import annotations

from collections import Counter

import redis
from rq import Worker
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.ledger.redis.errors import reachable


def workers_by_queue(client: redis.Redis) -> Counter[Queue]:
    """Raises TryAgain while Redis is away."""
    with reachable():
        there = Worker.all(connection=client, serializer=JSONSerializer)
    names = {queue.value for queue in Queue}
    return Counter(Queue(name) for worker in there for name in worker.queue_names() if name in names)
