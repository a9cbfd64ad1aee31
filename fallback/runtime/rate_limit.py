"""A rate limit of another side that was reached: no call of any thread leaves before it is over."""

from __future__ import annotations

from collections.abc import Callable

from urllib3 import Retry
from urllib3.exceptions import InvalidHeader

from fallback.domain.errors import RateLimited
from fallback.domain.retries import LONGEST


class RateLimit:
    """Threads share one instance. `service`: its name in errors."""

    def __init__(self, service: str, clock: Callable[[], float]) -> None:
        self._service = service
        self._clock = clock
        self._until = 0.0

    def check(self) -> None:
        """Raises RateLimited while it holds."""
        left = self._until - self._clock()
        if left > 0:
            raise RateLimited(f"the rate limit of {self._service} holds", left)

    def reached(self, seconds: float) -> None:
        self._until = self._clock() + min(seconds, LONGEST.total_seconds())


def seconds_of(retry_after: str | None) -> float | None:
    """Retry-After is seconds or a date (RFC 9110, 10.2.3). None: there is none, or it cannot be read."""
    try:
        return Retry().parse_retry_after(retry_after) if retry_after else None
    except (InvalidHeader, ValueError, OverflowError):
        return None
