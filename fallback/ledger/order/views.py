"""Lists and counts for people: from the indexes, never from a scan.

Each filter is an index. One of them gives the order of the list, the others are checked for each of its entries; the
cost is bounded by MOST_LOOKED_AT. Pages continue after their last entry, so nothing is shown twice or omitted when
orders come and go meanwhile.
"""

from __future__ import annotations

import sys
from collections.abc import Iterator, Mapping, Sequence
from datetime import datetime
from math import inf
from typing import NamedTuple, cast

import redis
from msgspec import Struct

from fallback.domain.incident.incident import Span
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order
from fallback.domain.order.unread import Unread
from fallback.ledger.order.ledger import RedisLedger
from fallback.ledger.order.newer import load_readable
from fallback.ledger.order.sequence import accepted_before
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

# Entries that one page examines if several filters are given. If they rarely match together, a page is shorter than
# requested, and the next one continues after it.
MOST_LOOKED_AT = 3_500
# As many are read at first; where they rarely match, twice as many each time, for fewer round trips.
AT_ONCE = 500


class OrderFilter(Struct, frozen=True):
    """The orders that a list shows: those that match all given filters.

    `promised`: the customer waits for our update. `email`: of the customer. `before`: received earlier than that;
    `since`: then or later. `span`: of an incident.
    """

    promised: bool = False
    headline: Headline | None = None
    hold: HoldCode | None = None
    owner: str = ""
    email: str = ""
    before: datetime | None = None
    since: datetime | None = None
    span: Span | None = None


class Place(Struct, frozen=True, order=True):
    """Where a page ended: its last entry in the index that gives the order."""

    score: float
    ref: str


class PageOfOrders(Struct, frozen=True):
    """Pass `next` as `after` to the following call; None at the end. `unread`: what belongs here and is left out.

    On the first page for an e-mail address, `unread` has all that are known to be damaged: each may be this customer's,
    because no index says whose an order is if its key is missing.
    """

    rows: list[Order]
    next: Place | None
    unread: Unread


class Counts(Struct, frozen=True):
    """Numbers of orders: by headline (all orders), by hold, waiting for our update, of one owner."""

    headlines: Mapping[Headline, int]
    holds: Mapping[HoldCode, int]
    promised: int
    owned: int


class _Index(NamedTuple):
    """`waiting`: scored by the time of the next update, soonest first; else by accept sequence, newest first."""

    key: str
    waiting: bool


class _Test(NamedTuple):
    """Whether an order is in this index with a score above the first figure and up to the second."""

    key: str
    above: float = -inf
    most: float = inf


EVERYTHING = OrderFilter()
_RECEIVED = _Index(keys.RECEIVED, waiting=False)


class Views:
    """Each method raises TryAgain while Redis is away."""

    def __init__(self, client: redis.Redis, ledger: RedisLedger) -> None:
        self._redis = client
        self._ledger = ledger

    def page(self, wanted: OrderFilter = EVERYTHING, after: Place | None = None, limit: int = 50) -> PageOfOrders:
        """By hold, by owner or waiting for our update: soonest update first. All others: newest first."""
        with reachable():
            places, following = self._walk(wanted, after, limit)
        rows, unread = load_readable(self._ledger, [place.ref for place in places])
        if wanted.email and not after:
            damaged = self._ledger.damaged
            unread.damaged.extend(ref for ref in damaged.of_customers(damaged.listed()) if ref not in unread.damaged)
        return PageOfOrders(rows, following, unread)

    def each(self, wanted: OrderFilter = EVERYTHING, limit: int = sys.maxsize) -> Iterator[Order]:
        """Those of `pages` that can be read."""
        for page in self.pages(wanted, limit):
            yield from page.rows

    def pages(self, wanted: OrderFilter = EVERYTHING, limit: int = sys.maxsize) -> Iterator[PageOfOrders]:
        """All of them up to `limit`, in the order of `page`, without loading all at once."""
        after = None
        while limit > 0:
            page = self.page(wanted, after, min(limit, AT_ONCE))
            yield page
            limit -= len(page.rows)
            after = page.next
            if after is None:
                return

    def counts(self, owner: str = "") -> Counts:
        pipeline = self._redis.pipeline(transaction=False)
        for headline in Headline:
            pipeline.zcard(keys.headline(headline))
        for code in HoldCode:
            pipeline.zcard(keys.hold(code))
        pipeline.zcard(keys.NEXT_WORD)
        pipeline.zcard(keys.owner(owner))
        with reachable():
            *counts, promised, owned = pipeline.execute()
        headlines = dict(zip(Headline, counts, strict=False))
        holds = dict(zip(HoldCode, counts[len(Headline) :], strict=True))
        return Counts(headlines, holds, promised, owned)

    def versions(
        self, wanted: OrderFilter = EVERYTHING, after: Place | None = None, limit: int = 50
    ) -> list[tuple[str, int]]:
        """Refs and versions of the orders on this page, without loading them."""
        with reachable():
            places, _ = self._walk(wanted, after, limit)
            pipeline = self._redis.pipeline(transaction=False)
            for place in places:
                pipeline.hget(keys.order(place.ref), "v")
            versions = pipeline.execute()
        return [(place.ref, int(version or 0)) for place, version in zip(places, versions, strict=True)]

    # --- walking

    def _walk(self, wanted: OrderFilter, after: Place | None, limit: int) -> tuple[list[Place], Place | None]:
        """While secret keys are rotated, a customer is in one index for each: a page follows all of them."""
        if not wanted.email:
            index, *others = _indexes(wanted) or [_RECEIVED]
            return self._walk_along(index, others, wanted, after, limit)
        own = [_Index(key, waiting=False) for key in self._ledger.person_indexes("email", wanted.email)]
        walks = [self._walk_along(index, _indexes(wanted), wanted, after, limit) for index in own]
        ends = [end for _, end in walks if end]
        upto = max(ends, default=Place(-inf, ""))
        found = sorted({place for places, _ in walks for place in places if place >= upto}, reverse=True)
        if len(found) > limit:
            return found[:limit], found[limit - 1]
        return found, upto if ends else None

    def _walk_along(
        self, index: _Index, others: Sequence[_Index], wanted: OrderFilter, after: Place | None, limit: int
    ) -> tuple[list[Place], Place | None]:
        received = self._received(wanted)
        tests = [_Test(each.key) for each in others]
        if received and index.waiting:
            tests.append(received)
        begin = self._position(index, after, None if index.waiting or not received else received.most)
        at_once, looked_at = AT_ONCE if tests else limit + 1, 0
        found: list[Place] = []
        while True:
            entries = self._entries(index, begin + looked_at, at_once)
            whole = len(entries) == at_once
            if received and not index.waiting:  # newest first: nothing comes after the oldest that matches
                entries = [place for place in entries if place.score > received.above]
                whole = whole and len(entries) == at_once
            found += self._passing(entries, tests)
            if len(found) > limit:
                return found[:limit], found[limit - 1]
            if not whole:
                return found, None
            looked_at += at_once
            if looked_at >= MOST_LOOKED_AT:
                return found, entries[-1]
            at_once = min(2 * at_once, MOST_LOOKED_AT - looked_at)

    def _received(self, wanted: OrderFilter) -> _Test | None:
        """The limits of when orders were received; None: any time."""
        most = [float(accepted_before(self._redis, wanted.before, or_unread=True))] if wanted.before else []
        above = [float(accepted_before(self._redis, wanted.since))] if wanted.since else []
        if wanted.span:
            above.append(wanted.span.after)
        if wanted.span and wanted.span.upto is not None:
            most.append(wanted.span.upto)
        return _Test(keys.RECEIVED, max(above, default=0), min(most, default=inf)) if above or most else None

    def _position(self, index: _Index, after: Place | None, newest: float | None) -> int:
        """How many entries of the index precede the page; also if the entry that it follows has moved."""
        if after is None:
            return 0 if newest is None else self._redis.zcount(index.key, f"({newest!r}", "+inf")
        ahead = ("-inf", f"({after.score!r}") if index.waiting else (f"({after.score!r}", "+inf")
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.zscore(index.key, after.ref)
        pipeline.zrank(index.key, after.ref) if index.waiting else pipeline.zrevrank(index.key, after.ref)
        pipeline.zcount(index.key, *ahead)
        score, rank, before = cast(tuple[float | None, int, int], pipeline.execute())
        return rank + 1 if score == after.score else before

    def _entries(self, index: _Index, begin: int, count: int) -> list[Place]:
        entries = self._redis.zrange(index.key, begin, begin + count - 1, desc=not index.waiting, withscores=True)
        return [Place(score, ref.decode()) for ref, score in cast(list[tuple[bytes, float]], entries)]

    def _passing(self, entries: list[Place], tests: Sequence[_Test]) -> list[Place]:
        for test in tests:
            if entries:
                scores = self._redis.zmscore(test.key, [place.ref for place in entries])
                entries = [
                    place
                    for place, score in zip(entries, scores, strict=True)
                    if score is not None and test.above < score <= test.most
                ]
        return entries


def _indexes(wanted: OrderFilter) -> list[_Index]:
    """The index of each given filter but the customer, the smallest first: the first gives the order."""
    given = [
        (wanted.hold and keys.hold(wanted.hold), True),
        (wanted.owner and keys.owner(wanted.owner), True),
        (wanted.promised and keys.NEXT_WORD, True),
        (wanted.headline and keys.headline(wanted.headline), False),
    ]
    return [_Index(key, waiting) for key, waiting in given if key]
