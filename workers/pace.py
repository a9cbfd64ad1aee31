"""The pace at which a shift hands orders to a primary that is recovering."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic

# Orders go out evenly: what a slow moment left unused is made up for this long, not longer.
MADE_UP_FOR = 0.25


class Pace:
    """At most `rate` orders a second. A token bucket that begins with one token."""

    def __init__(self, rate: float, seconds: Callable[[], float] = monotonic) -> None:
        self._rate = rate
        self._most = max(1.0, rate * MADE_UP_FOR)
        self._seconds = seconds
        self._tokens = 1.0
        self._counted_at = seconds()

    def allows(self) -> int:
        """How many may go now."""
        now = self._seconds()
        self._tokens = min(self._most, self._tokens + (now - self._counted_at) * self._rate)
        self._counted_at = now
        return int(self._tokens)

    def take(self, count: int) -> None:
        self._tokens -= count
