"""The one clock of all processes: Redis' time, carried on by our own monotonic clock from one look to the next.

So a machine whose clock is wrong neither keeps an order from being due nor ends anything before its time
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
# Further than that no clock drifts, and whoever asks signed things of us (Stripe, the shop) refuses ours.
BOUND = timedelta(minutes=5)
# After a jump that was followed: who sets a clock wrong has this long to notice before anything is erased by it.
SETTLES = 24 * 3600.0
# From here on it is told.
WORTH_TELLING = timedelta(seconds=30)

log = get_logger()


def wall() -> datetime:
    return datetime.now(UTC)


def _steady() -> float:
    """Goes on while the machine sleeps, too; only Linux offers that."""
    return time.clock_gettime(getattr(time, "CLOCK_BOOTTIME", time.CLOCK_MONOTONIC))


class RedisClock:
    """Implements the port Clock, thread safe. While Redis is away it goes on by itself.

    A process that has never seen Redis goes by its own wall clock.
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
        self._seen: tuple[float, datetime] | None = None  # what Redis' time was at a moment of the steady clock
        self._followed = False
        self._jumped_at = float("-inf")
        self._tells = False

    def __call__(self) -> datetime:
        # The first who ask wait for the first answer; later one of them looks, and the others go by what is known.
        if self._steady() >= self._look_at and self._looking.acquire(blocking=self._seen is None):
            try:
                if self._steady() >= self._look_at:
                    self._look()
                    self._look_at = self._steady() + LOOK_EVERY
            finally:
                self._looking.release()
        return self._now() or self._wall()

    def agrees(self) -> bool:
        """Whether Redis and this machine say the same time, and have gone on steadily for a day.

        What ends by time alone is left while they do not.
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
