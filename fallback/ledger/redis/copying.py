"""Copies a ledger to another Redis, such as from one Redis into a cluster, while no process runs on either."""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from itertools import islice
from typing import Any, cast

import redis

from fallback.domain.errors import FallbackError
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable

PAGE = 200
# Who is at work, and RQ's bells: the processes on the new Redis make their own.
LEFT_BEHIND = (keys.lease("").encode(), b"rq:")


class NotCopied(FallbackError):
    """The new ledger must not be used; the old one is as it was."""


class Copying:
    """Each method raises TryAgain; an unfinished copy is begun anew the next time."""

    def __init__(self, source: redis.Redis, target: redis.Redis) -> None:
        self._source, self._target = source, target

    def begin(self) -> None:
        """Raises NotCopied if anything is there that is no unfinished copy."""
        with reachable():
            if not self._target.exists(keys.COPYING) and any(self._target.scan_iter(count=PAGE)):
                raise NotCopied("the new ledger is not empty")
            for page in _pages(cast(Iterator[bytes], self._target.scan_iter(count=PAGE))):
                self._target.delete(*page)
            self._target.set(keys.COPYING, 1)

    def count(self) -> int:
        with reachable():
            return self._source.dbsize()

    def keys(self) -> Iterator[bytes]:
        with reachable():
            for key in cast(Iterator[bytes], self._source.scan_iter(count=PAGE)):
                if not key.startswith(LEFT_BEHIND):
                    yield key

    def copy(self, names: Iterable[bytes]) -> int:
        """How many keys the copy has. `names`: from `keys`. Raises NotCopied."""
        with reachable():
            before = self._written()
            for page in _pages(names):
                self._copy(page)
            if self._written() != before:
                raise NotCopied(
                    "the ledger was written to meanwhile, or another database of its Redis: stop web, worker and clock"
                )
            self._target.delete(keys.COPYING)
            return sum(1 for _ in self._target.scan_iter(count=PAGE))

    def _copy(self, names: list[bytes]) -> None:
        reading, writing = (client.pipeline(transaction=False) for client in (self._source, self._target))
        for name in names:
            reading.dump(name)
            reading.pttl(name)
        answers = iter(reading.execute())
        for name, value, life in zip(names, answers, answers, strict=True):
            if value is not None:  # it has not ended meanwhile
                writing.restore(name, max(life, 0), value, replace=True)
        try:
            writing.execute()
        except redis.ResponseError as error:
            raise NotCopied(f"the new Redis refuses what the old one wrote; is it older? ({error})") from error

    def _written(self) -> tuple[Any, ...]:
        """Differs after each write. A Redis that does not tell how many there were tells of new orders alone.

        So does one that has both ledgers: it counts the writes to both together.
        """
        here, there = (client.info() for client in (self._source, self._target))
        same = here.get("run_id") == there.get("run_id")
        orders = self._source.mget(keys.SEQUENCE, keys.DRILL_SEQUENCE)
        return (None if same else here.get("rdb_changes_since_last_save"), orders)


def _pages(items: Iterable[bytes]) -> Iterator[list[bytes]]:
    iterator = iter(items)
    while page := list(islice(iterator, PAGE)):
        yield page
