"""No call leaves later than its attempt allows.

A process may stall between recording an attempt and its call: stopped, swapped out, or waiting for a connection. Others
then consider it dead and settle the attempt. So the use case sets the time by which the call has to leave, and the
sender checks it at the last moment.
"""

from __future__ import annotations

from collections.abc import Iterator
from contextlib import contextmanager
from contextvars import ContextVar
from datetime import datetime

from fallback.domain.clock import Clock
from fallback.domain.errors import TooLate

_limit: ContextVar[tuple[datetime, Clock] | None] = ContextVar("limit", default=None)


@contextmanager
def leaving_by(until: datetime, clock: Clock) -> Iterator[None]:
    """Calls that this thread sends in here leave before `until`, or not at all."""
    before = _limit.set((until, clock))
    try:
        yield
    finally:
        _limit.reset(before)


def may_leave() -> None:
    """Called for every write, right before its bytes. Raises TooLate: then none of them may be sent."""
    limit = _limit.get()
    if limit is None:
        return
    until, clock = limit
    if clock() >= until:
        raise TooLate("the call was to leave earlier")
