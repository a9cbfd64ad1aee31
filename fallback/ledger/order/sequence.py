"""The accept sequence: orders are numbered from 1 as they arrive, without gaps, so a number is a point in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Sequence
from datetime import datetime

import redis

from fallback.ledger.order import documents
from fallback.ledger.redis import keys

# Orders that are read together to find a point in time: a million of them take four steps.
PROBES = 32


def accepted_before(client: redis.Redis, moment: datetime) -> int:
    """How many orders were received before: the accept sequence of the last of them.

    The clocks of web servers may differ slightly, and so may the result.
    """
    low, high = 0, client.zcard(keys.RECEIVED)
    while low < high:
        ranks = sorted({low + (high - low) * part // PROBES for part in range(PROBES)})
        older = bisect_left(_received_at(client, ranks), moment)
        low, high = ranks[older - 1] + 1 if older else low, ranks[older] if older < len(ranks) else high
    return low


def _received_at(client: redis.Redis, ranks: Sequence[int]) -> list[datetime]:
    places, orders = client.pipeline(transaction=False), client.pipeline(transaction=False)
    for rank in ranks:
        places.zrange(keys.RECEIVED, rank, rank)
    for [ref] in places.execute():
        orders.hget(keys.order(ref.decode()), "doc")
    return [documents.received_at(document) for document in orders.execute()]
