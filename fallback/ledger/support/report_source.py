"""Reads the orders of a report's period by their accept sequence, a page at a time."""

from __future__ import annotations

from bisect import bisect_left
from collections.abc import Iterator
from datetime import datetime
from typing import cast

import redis
from msgspec import Struct

from fallback.domain.support.fairness import Story, tell
from fallback.ledger.order import documents
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

PAGE = 500


class Period(Struct, frozen=True):
    """The orders received from `since` until before `until`: from `first` until before `end` in the accept sequence.

    `left_out`: how many earlier orders belong to it too.
    """

    since: datetime
    until: datetime
    first: int
    end: int
    left_out: int

    @property
    def orders(self) -> int:
        return self.end - self.first


class ReportSource:
    """Each method raises TryAgain while Redis is away. No personal data is read."""

    def __init__(self, client: redis.Redis) -> None:
        self._redis = client

    def period(self, since: datetime, until: datetime, most: int) -> Period:
        """The newest `most` orders of this time, found in about twenty steps however many there are."""
        with reachable():
            places = range(self._redis.zcard(keys.RECEIVED))
        begin = bisect_left(places, since, key=self._received_at)
        end = bisect_left(places, until, lo=begin, key=self._received_at)
        first = max(begin, end - most)
        return Period(since, until, first, end, first - begin)

    def stories(self, period: Period) -> Iterator[Story]:
        for first in range(period.first, period.end, PAGE):
            yield from self._page(first, min(first + PAGE, period.end))

    def _received_at(self, place: int) -> datetime:
        [ref] = self._refs(place, place + 1)
        with reachable():
            document = cast(bytes, self._redis.hget(keys.order(ref), "doc"))
        return documents.decode(document, 0).received_at

    def _page(self, first: int, end: int) -> list[Story]:
        pipeline = self._redis.pipeline(transaction=False)
        for ref in self._refs(first, end):
            pipeline.hmget(keys.order(ref), "doc", "log")
        with reachable():
            rows = pipeline.execute()
        return [_story(document, lines) for document, lines in rows]

    def _refs(self, first: int, end: int) -> list[str]:
        with reachable():
            refs = cast(list[bytes], self._redis.zrange(keys.RECEIVED, first, end - 1))
        return [ref.decode() for ref in refs]


def _story(document: bytes, lines: bytes) -> Story:
    order = documents.decode(document, 0)
    return tell(order.received_at, order.currency, documents.decode_events(lines))
