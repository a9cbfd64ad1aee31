"""The metrics of all processes in Redis, so that every process shows the same figures, even after a restart."""

from __future__ import annotations

import atexit
from bisect import bisect_left
from collections import Counter
from collections.abc import Mapping
from contextlib import suppress
from itertools import accumulate
from threading import Event, Thread
from typing import cast

import redis
from msgspec import Struct

from fallback.domain.errors import TryAgain
from fallback.domain.order.exposure import Refusal
from fallback.ledger.redis import keys
from fallback.ledger.redis.errors import reachable
from fallback.runtime.metrics import SERIES, Metrics, Service

# Upper bounds in seconds: from an accept, which takes milliseconds, to a call that reaches its deadline.
BOUNDS = (0.002, 0.005, 0.01, 0.02, 0.05, 0.1, 0.2, 0.5, 1.0, 2.0, 5.0, 10.0, 25.0)
BUCKETS = (*map(str, BOUNDS), "+Inf")
WRITE_EVERY = 5.0
KEPT_BACK_MS = 3 * int(WRITE_EVERY * 1000)


class Spread(Struct, frozen=True):
    """Durations of one series: how many up to each bound, all of them last; and their total in seconds."""

    counts: tuple[int, ...]
    seconds: float


class Seen(Struct, frozen=True):
    """`accepted`: orders, ever; `refused`: requests, by code. `lapses_at`: when the next authorization lapses, seconds
    since 1970; None: none. `kept_back`: services whose circuit breaker is open in some process.
    """

    accepted: int
    lapses_at: float | None
    spreads: Mapping[str, Spread]
    kept_back: frozenset[Service]
    refused: Mapping[str, int] = {}


class MetricsStore:
    """`write` and `read` raise TryAgain while Redis is away; what could not be written is written the next time.

    If a response is lost, some events may be counted twice: these figures are for monitoring, not for accounting.
    """

    def __init__(self, client: redis.Redis, metrics: Metrics) -> None:
        self._redis = client
        self._metrics = metrics
        self._unwritten: Counter[str] = Counter()

    def keep_writing(self) -> None:
        """Write regularly until this process ends, in a thread of its own."""
        stopped = Event()

        def run() -> None:
            while not stopped.wait(WRITE_EVERY):
                with suppress(TryAgain):  # a process that cannot work because of it reports that itself
                    self.write()

        thread = Thread(target=run, name="metrics", daemon=True)
        thread.start()
        atexit.register(self._finish, stopped, thread)

    def _finish(self, stopped: Event, thread: Thread) -> None:
        stopped.set()
        thread.join(WRITE_EVERY)
        with suppress(TryAgain):
            self.write()

    def write(self) -> None:
        for series, seen in self._metrics.taken().items():
            for bucket, count in Counter(bisect_left(BOUNDS, seconds) for seconds in seen).items():
                self._unwritten[f"{series} {BUCKETS[bucket]}"] += count
            self._unwritten[_microseconds(series)] += int(sum(seen) * 1_000_000)
        pipeline = self._redis.pipeline(transaction=True)
        for field, count in self._unwritten.items():
            pipeline.hincrby(keys.TALLIES, field, count)
        for service in self._metrics.kept_back():
            pipeline.set(keys.kept_back(service), 1, px=KEPT_BACK_MS)
        with reachable():
            pipeline.execute()
        self._unwritten.clear()

    def read(self) -> Seen:
        pipeline = self._redis.pipeline(transaction=False)
        pipeline.get(keys.SEQUENCE)
        pipeline.zrange(keys.CAPTURE_BEFORE, 0, 0, withscores=True)
        pipeline.hgetall(keys.TALLIES)
        pipeline.mget([keys.kept_back(service) for service in Service])
        with reachable():
            accepted, lapsing, metrics_store, kept_back = pipeline.execute()
        written = {field.decode(): int(count) for field, count in cast(dict[bytes, bytes], metrics_store).items()}
        return Seen(
            int(accepted or 0),
            lapsing[0][1] if lapsing else None,
            {series: _spread(series, written) for series in SERIES},
            frozenset(service for service, found in zip(Service, kept_back, strict=True) if found),
            {code: written.get(f"refused {code}", 0) for code in Refusal},
        )


def _spread(series: str, written: Mapping[str, int]) -> Spread:
    counts = accumulate(written.get(f"{series} {bucket}", 0) for bucket in BUCKETS)
    return Spread(tuple(counts), written.get(_microseconds(series), 0) / 1_000_000)


def _microseconds(series: str) -> str:
    return f"{series} microseconds"
