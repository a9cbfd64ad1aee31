"""See how the drain stands and when it will be over."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.clock import Clock
from fallback.domain.outage import drain
from fallback.domain.outage.drain import Backlog, Status
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.pace import Bounds, Pace


def drain_status(
    *, pace: Pace, bounds: Bounds, backlog: Backlog, read_mode: Callable[[], ModeState], clock: Clock
) -> Status:
    now = clock()
    return drain.status(read_mode().mode, pace.rule(), pace.going(), bounds, backlog.waiting(now), now)
