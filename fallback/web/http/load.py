"""How many requests a process takes at once: no more than it can serve within a second, by what the last ones took."""

from __future__ import annotations

from threading import Lock

# Seconds that a request may have to wait for its answer. Orders are refused last.
USUAL, FIRST = 0.5, 1.0
# So many are taken whatever the last ones took: else one that was slow could shut the door for good.
FEWEST = 8
# Before any was served: a request takes as long on a slow machine.
AT_FIRST = 0.02
# What the last one counts for.
WEIGHT = 0.05


class Load:
    """`cost`: seconds of the process for a request, as if they were served one after another. Thread safe.

    Whoever comes while n are inside, itself included, and is answered after t seconds took t / n (Little's law): so it
    holds for requests that wait for the CPU, and is on the safe side for those that wait for Redis.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._cost = AT_FIRST

    def takes(self, first: bool) -> bool:
        """Whether one more would be answered in time."""
        with self._lock:
            return self._inside < FEWEST or (self._inside + 1) * self._cost <= (FIRST if first else USUAL)

    def enter(self) -> int:
        """How many are inside with this one."""
        with self._lock:
            self._inside += 1
            return self._inside

    def leave(self, seconds: float, beside: int) -> None:
        """After so many seconds; `beside`: what `enter` said."""
        with self._lock:
            self._inside -= 1
            self._cost += WEIGHT * (seconds / beside - self._cost)
