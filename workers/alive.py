"""The running workers, from RQ's records. A killed worker disappears within minutes."""

from __future__ import annotations

from collections import Counter

import redis
from rq import Worker
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.ledger.redis.errors import reachable


def workers_by_queue(client: redis.Redis) -> Counter[Queue]:
    """Raises TryAgain while Redis is down."""
    with reachable():
        there = Worker.all(connection=client, serializer=JSONSerializer)
    names = {queue.value for queue in Queue}
    return Counter(Queue(name) for worker in there for name in worker.queue_names() if name in names)
