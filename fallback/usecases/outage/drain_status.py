"""Show the state of the drain and the forecast of its end."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.outage import drain
from fallback.domain.outage.drain import Backlog, DrainStatus
from fallback.domain.outage.pace import Bounds, Pace
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def backlog(self) -> Backlog: ...

    @property
    def bounds(self) -> Bounds: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def pace(self) -> Pace: ...


def drain_status(deps: Deps) -> DrainStatus:
    now = deps.clock()
    return drain.status(
        deps.modes.read().mode, deps.pace.rule(), deps.pace.going(), deps.bounds, deps.backlog.waiting(now), now
    )
