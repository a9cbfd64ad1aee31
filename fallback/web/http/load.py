"""Limits the requests in a process to what it can serve within a second, based on the duration of the last ones."""

from __future__ import annotations

from threading import Lock

# The longest wait for a response in seconds. Orders are refused last.
USUAL, FIRST = 0.5, 1.0
# So many are always accepted: otherwise one slow request could block all others permanently.
FEWEST = 8
# The initial cost, before any request was served: that of a slow machine.
AT_FIRST = 0.02
# The weight of the last request.
WEIGHT = 0.05


class Load:
    """`cost`: seconds per request, as if requests were served one after another. Thread safe.

    A request that is answered after t seconds while n requests are inside took t / n (Little's law). This is exact for
    requests that wait for the CPU, and on the safe side for those that wait for Redis.
    """

    def __init__(self) -> None:
        self._lock = Lock()
        self._inside = 0
        self._cost = AT_FIRST

    def takes(self, first: bool) -> bool:
        """Whether another request would be answered in time."""
        with self._lock:
            return self._inside < FEWEST or (self._inside + 1) * self._cost <= (FIRST if first else USUAL)

    def enter(self) -> int:
        """Returns the number of requests inside, including this one."""
        with self._lock:
            self._inside += 1
            return self._inside

    def leave(self, seconds: float, beside: int) -> None:
        """`seconds`: the duration. `beside`: the result of `enter`."""
        with self._lock:
            self._inside -= 1
            self._cost += WEIGHT * (seconds / beside - self._cost)
