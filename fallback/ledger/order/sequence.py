"""The accept sequence: orders are numbered from 1 as they arrive, without gaps, so a number is a point in time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter

import redis

from fallback.ledger.order import documents
from fallback.ledger.redis import keys

# Orders that are read together to find a point in time: a million of them take four steps.
PROBES = 32


def accepted_before(client: redis.Redis, moment: datetime, or_unread: bool = False) -> int:
    """How many orders were received before: the accept sequence of the last of them.

    The clocks of web servers may differ slightly, and so may the result. An order that cannot be read has no time:
    between the last that was received before and the first that was not, it counts only with `or_unread`.
    """
    low, high = 0, client.zcard(keys.RECEIVED)
    while low < high:
        ranks = sorted({low + (high - low) * part // PROBES for part in range(PROBES)})
        told = [(rank, at) for rank, at in zip(ranks, _of_ranks(client, ranks), strict=True) if at]
        if not told:
            return high if or_unread else low
        older = bisect_left(told, moment, key=itemgetter(1))
        low, high = told[older - 1][0] + 1 if older else low, told[older][0] if older < len(told) else high
    return low


def received_at(client: redis.Redis, refs: Iterable[str]) -> list[datetime | None]:
    """None for an order that cannot be read: one that is damaged, or is not there."""
    orders = client.pipeline(transaction=False)
    for ref in refs:
        orders.hget(keys.order(ref), "doc")
    return list(map(documents.received_at, orders.execute()))


def _of_ranks(client: redis.Redis, ranks: Sequence[int]) -> list[datetime | None]:
    places = client.pipeline(transaction=False)
    for rank in ranks:
        places.zrange(keys.RECEIVED, rank, rank)
    return received_at(client, (ref.decode() for [ref] in places.execute()))
