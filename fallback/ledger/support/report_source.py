"""Reads the orders of a report's period by their accept sequence, a page at a time."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from typing import cast

import redis
from msgspec import Struct, structs

from fallback.domain.errors import Damaged
from fallback.domain.support.fairness import Report, Story, group, tell
from fallback.ledger.order import documents
from fallback.ledger.order.damaged import DamagedOrders
from fallback.ledger.order.sequence import count_before
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

    def report(self, stories: Iterable[Story]) -> Report:
        """`stories`: of all its orders that can be read."""
        found = Report(self.since, self.until, group(stories), self.left_out)
        return structs.replace(found, unread=self.orders - found.orders)


class ReportSource:
    """Each method raises TryAgain while Redis is away. No personal data is read; what is damaged is left out."""

    def __init__(self, client: redis.Redis, damaged: DamagedOrders) -> None:
        self._redis = client
        self._damaged = damaged

    def period(self, since: datetime, until: datetime, most: int) -> Period:
        """The newest `most` orders of this time, found in a few steps however many there are."""
        with reachable():
            begin = count_before(self._redis, since)
            end = max(begin, count_before(self._redis, until, or_unread=True))
        first = max(begin, end - most)
        return Period(since, until, first, end, first - begin)

    def stories(self, period: Period) -> Iterator[Story]:
        for first in range(period.first, period.end, PAGE):
            yield from self._page(first, min(first + PAGE, period.end))

    def _page(self, first: int, end: int) -> Iterator[Story]:
        pipeline, refs = self._redis.pipeline(transaction=False), self._refs(first, end)
        for ref in refs:
            pipeline.hmget(keys.order(ref), "doc", "log")
        with reachable():
            rows = pipeline.execute()
        for ref, row in zip(refs, rows, strict=True):
            with suppress(Damaged), self._damaged.reading(ref):
                yield _story(*row)

    def _refs(self, first: int, end: int) -> list[str]:
        with reachable():
            refs = cast(list[bytes], self._redis.zrange(keys.RECEIVED, first, end - 1))
        return [ref.decode() for ref in refs]


def _story(document: bytes | None, lines: bytes | None) -> Story:
    order = documents.decode(document, 0)
    return tell(order.received_at, order.currency, documents.decode_events(lines))
