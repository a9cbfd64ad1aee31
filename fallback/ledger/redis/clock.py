"""The one clock of all processes: Redis' time, continued by our own monotonic clock between two readings.

So a computer with a wrong clock neither keeps an order from being due nor ends anything early
(ops/decisions/one-clock.md).
"""

from __future__ import annotations

import socket
import time
from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock

import redis

from fallback.domain.errors import TryAgain
from fallback.ledger.oncall.heartbeats import Heartbeats
from fallback.runtime.logs import get_logger

LOOK_EVERY = 10.0
# No clock drifts further than that, and senders of signed requests (Stripe, the shop) would refuse ours.
BOUND = timedelta(minutes=5)
# After a jump that was followed: this long to notice a wrongly set clock before anything is erased by it.
SETTLES = 24 * 3600.0
# From this difference on it is reported.
WORTH_TELLING = timedelta(seconds=30)

log = get_logger()


def wall() -> datetime:
    return datetime.now(UTC)


def _steady() -> float:
    """Also advances while the computer is suspended; only Linux offers that."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class RedisClock:
    """Implements clock.Clock, thread safe. While Redis is away it continues by itself.

    A process that has never reached Redis uses its own wall clock.
    """

    def __init__(
        self,
        client: Callable[[], redis.Redis],
        wall: Callable[[], datetime] = wall,
        steady: Callable[[], float] = _steady,
    ) -> None:
        self._client, self._wall, self._steady = client, wall, steady
        self._looking = Lock()
        self._look_at = float("-inf")
        self._seen: tuple[float, datetime] | None = None  # Redis' time at a moment of the steady clock
        self._followed = False
        self._jumped_at = float("-inf")
        self._tells = False

    def __call__(self) -> datetime:
        # The first callers wait for the first reading; later one of them reads, and the others use what is known.
        if self._steady() >= self._look_at and self._looking.acquire(blocking=self._seen is None):
            try:
                if self._steady() >= self._look_at:
                    self._look()
                    self._look_at = self._steady() + LOOK_EVERY
            finally:
                self._looking.release()
        return self._now() or self._wall()

    def knows(self) -> bool:
        """Whether it tells the time now without asking Redis."""
        return self._seen is not None and self._steady() < self._look_at

    def agrees(self) -> bool:
        """Whether Redis and this computer agree on the time, and have run steadily for a day.

        While they do not, nothing is ended by time alone.
        """
        now = self()
        settled = self._steady() - self._jumped_at >= SETTLES
        return self._followed and settled and abs(self._wall() - now) <= BOUND

    def _now(self) -> datetime | None:
        if self._seen is None:
            return None
        at, seen = self._seen
        return seen + timedelta(seconds=self._steady() - at)

    def _look(self) -> None:
        try:
            asked = self._steady()
            seconds, microseconds = self._client().time()
            answered = self._steady()
        except redis.RedisError:
            self._followed = False
            return
        at, seen = (asked + answered) / 2, datetime.fromtimestamp(seconds, UTC).replace(microsecond=microseconds)
        expected = self._now()
        self._followed = expected is None or min(abs(seen - expected), abs(seen - self._wall())) <= BOUND
        if expected and abs(seen - expected) > BOUND:
            log.error("time_jumped", seconds=round((seen - expected).total_seconds()))
            self._jumped_at = at if self._followed else self._jumped_at
        if self._followed:
            self._seen = at, seen
        self._tell(seen)

    def _tell(self, seen: datetime) -> None:
        """For alerts and the on-call page; once more when it is over."""
        ahead, told = round((self._wall() - seen).total_seconds()), self._tells
        self._tells = abs(ahead) >= WORTH_TELLING.total_seconds()
        if not (told or self._tells):
            return
        log.warning("clock_is_off" if self._tells else "clock_is_right", seconds=ahead)
        with suppress(TryAgain):
            Heartbeats(self._client()).machine_is_off(socket.gethostname(), ahead if self._tells else 0, seen)
