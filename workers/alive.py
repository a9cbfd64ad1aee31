"""The running processes, by what they leave in Redis. A killed one disappears within two minutes."""

from __future__ import annotations

from collections import Counter

import redis
from rq import Worker
from rq.serializers import JSONSerializer

from fallback.domain.order.order import Queue
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.ledger.redis.errors import reachable
from fallback.ledger.redis.leases import anybody_leads


def workers_by_queue(client: redis.Redis) -> Counter[Queue]:
    """Raises TryAgain while Redis is down."""
    with reachable():
        there = Worker.all(connection=client, serializer=JSONSerializer)
    names = {queue.value for queue in Queue}
    return Counter(Queue(name) for worker in there for name in worker.queue_names() if name in names)


def seen(client: redis.Redis) -> list[str]:
    """Those that write to this ledger. Not seen are web processes without orders in a journal, and commands.

    Raises TryAgain.
    """
    heartbeats = Heartbeats(client)
    workers = [f"worker {queue}" for queue in sorted(workers_by_queue(client))]
    clocks = ["clock"] if anybody_leads(client) else []
    return [
        *workers,
        *clocks,
        *(f"web on {machine}" for machine in sorted(heartbeats.journals(heartbeats.redis_time()))),
    ]
