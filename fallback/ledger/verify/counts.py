"""Recounts what `accept` and `commit` count: pieces and sums of open orders, and how many orders there were."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator
from typing import cast

import msgspec
import redis

from fallback.domain.errors import Unreadable
from fallback.domain.incident.incident import Span
from fallback.ledger.incident.books import RedisBooks
from fallback.ledger.order import entries
from fallback.ledger.redis import keys
from fallback.ledger.redis.although_full import write
from fallback.ledger.redis.errors import reachable
from fallback.ledger.verify.difference import Difference

BEGAN, NOT_COUNTED = "", "refused:"
# On a busy system there may be no moment at which no order changes.
TRIES = 3
MOVES = "orders changed while they were counted: verify again in a quieter minute"
Fields = dict[tuple[str, str], int]


class Counts:
    """`repair`: correct each count by its difference, so that orders that come meanwhile stay counted."""

    def __init__(self, client: redis.Redis, repair: bool) -> None:
        self._redis = client
        self._books = RedisBooks(client, whole=True)
        self._repair = repair

    def of_sequences(self) -> Iterator[Difference]:
        yield from self._of_sequence(keys.RECEIVED, keys.SEQUENCE)
        yield from self._of_sequence(keys.DRILL_ORDERS, keys.DRILL_SEQUENCE)

    def differences(self) -> Iterator[Difference]:
        for _ in range(TRIES):
            began = self._began()
            if began is None:
                return
            try:
                expected, orders = self._expected(began)
                found = self._found()
                apart = [
                    name for name in sorted(expected.keys() | found.keys()) if expected[name] != found.get(name, 0)
                ]
                if not apart:
                    return
                _, same_orders = self._expected(began)
            except (msgspec.MsgspecError, Unreadable):  # told by its key; without it there is no count
                return
            if orders == same_orders and began == self._began():
                for key, field in apart:
                    yield self._difference(key, field, expected[key, field], found.get((key, field), 0))
                return
        yield Difference(keys.EXPOSURE, "", MOVES, None)

    def _difference(self, key: str, field: str, expected: int, found: int) -> Difference:
        if self._repair:
            self._correct(key, field, expected - found)
        return Difference(key, field, expected, found, self._repair)

    def _of_sequence(self, received: str, counter: str) -> Iterator[Difference]:
        """The next order gets the number after this one: it must be free."""
        with reachable():
            last = cast(list[tuple[bytes, float]], self._redis.zrange(received, -1, -1, withscores=True))
            count = int(cast(bytes | None, self._redis.get(counter)) or 0)
        highest = int(last[0][1]) if last else 0
        if count < highest:
            if self._repair:
                write(self._redis, ("INCRBY", counter, highest - count))
            yield Difference(counter, "", highest, count, self._repair)

    def _expected(self, began: int) -> tuple[Counter[tuple[str, str]], int]:
        """The counts, and a print of the orders and versions that were counted.

        If it is the same before and after the counts in Redis are read, both are of one moment: a version never
        returns.
        """
        expected, orders = Counter[tuple[str, str]](), 0
        for order, _ in self._books.scan(Span(after=began)):
            expected.update(entries.counted(order))
            orders = (orders + hash((order.ref, order.version))) % 2**64
        return expected, orders

    def _began(self) -> int | None:
        with reachable():
            began = cast(bytes | None, self._redis.hget(keys.EXPOSURE, BEGAN))
        return None if began is None else int(began)

    def _found(self) -> Fields:
        found: Fields = {}
        for key in (keys.EXPOSURE, keys.STOCK):
            with reachable():
                fields = cast(dict[bytes, bytes], self._redis.hgetall(key))
            named = {name.decode(): figure for name, figure in fields.items()}
            counted = {name for name in named if name not in (BEGAN, "since") and not name.startswith(NOT_COUNTED)}
            found |= {(key, name): int(named[name]) for name in counted}
        return found

    def _correct(self, key: str, field: str, by: int) -> None:
        # As in scripts/accept.lua: a count without the place where it began is not counted any further.
        write(self._redis, ("HSETNX", key, BEGAN, str(self._began())), ("HINCRBY", key, field, by))
