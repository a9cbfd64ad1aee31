"""The accept sequence: orders are numbered from 1 as they arrive, so a number is a point in time.

There is a gap where nothing is left of an order, or where no index knows it any more.
"""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterable, Sequence
from datetime import datetime
from operator import itemgetter
from typing import cast

import redis

from fallback.ledger.order import documents
from fallback.ledger.redis import keys

# Orders that are read together to find a point in time: a million of them take four steps.
PROBES = 32


def accepted_before(client: redis.Redis, moment: datetime, or_unread: bool = False) -> int:
    """The accept sequence of the last order that was received before; 0 if there is none. See `count_before`."""
    count = count_before(client, moment, or_unread)
    return _number(client, keys.RECEIVED, count - 1) if count else 0


def count_before(client: redis.Redis, moment: datetime, or_unread: bool = False, received: str = keys.RECEIVED) -> int:
    """How many orders were received before: the place of the next one in the list.

    The clocks of web servers may differ slightly, and so may the result. An order that cannot be read has no time:
    between the last that was received before and the first that was not, it counts only with `or_unread`.
    """
    low, high = 0, client.zcard(received)
    while low < high:
        ranks = sorted({low + (high - low) * part // PROBES for part in range(PROBES)})
        told = [(rank, at) for rank, at in zip(ranks, _of_ranks(client, received, ranks), strict=True) if at]
        if not told:
            return high if or_unread else low
        older = bisect_left(told, moment, key=itemgetter(1))
        low, high = told[older - 1][0] + 1 if older else low, told[older][0] if older < len(told) else high
    return low


def free_number(client: redis.Redis, ref: str, counter: str, received: str) -> int:
    """For an order that has lost its own: of the gap that follows those that came before it, or else of another one."""
    last_given = int(cast(bytes | None, client.get(counter)) or 0)  # first: all up to it are in the list by then
    count, [came] = client.zcard(received), received_at(client, [ref])
    ranks, place = range(count), count_before(client, came, received=received) if came else 0

    def gaps(rank: int) -> int:
        """How many numbers up to this place nobody has."""
        return _number(client, received, rank) - rank - 1

    before = gaps(place - 1) if place else 0
    after = bisect_left(ranks, before + 1, lo=place, key=gaps)
    if after < count:
        return _number(client, received, after) - 1
    if count < last_given - before:
        return last_given
    if before:
        return _number(client, received, bisect_left(ranks, before, key=gaps)) - 1
    return client.incr(counter)


def received_at(client: redis.Redis, refs: Iterable[str]) -> list[datetime | None]:
    """None for an order that cannot be read: one that is damaged, or is not there."""
    orders = client.pipeline(transaction=False)
    for ref in refs:
        orders.hget(keys.order(ref), "doc")
    return list(map(documents.received_at, orders.execute()))


def _number(client: redis.Redis, received: str, rank: int) -> int:
    [(_, number)] = cast(list[tuple[bytes, float]], client.zrange(received, rank, rank, withscores=True))
    return int(number)


def _of_ranks(client: redis.Redis, received: str, ranks: Sequence[int]) -> list[datetime | None]:
    places = client.pipeline(transaction=False)
    for rank in ranks:
        places.zrange(received, rank, rank)
    return received_at(client, (ref.decode() for [ref] in places.execute()))
