"""A person has handled what the shop lost, and resumes handing orders over."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.incident.incident import Entry, IncidentEvent, told
from fallback.domain.incident.ports import Halts, Incidents
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def halts(self) -> Halts: ...

    @property
    def incidents(self) -> Incidents: ...


def lift_halt(deps: Deps, who: str, reason: str) -> bool:
    """False if nothing was halted."""
    lifted, last = deps.halts.lift(), deps.incidents.last()
    if lifted and last:
        deps.incidents.change(last.id, partial(told, entry=Entry(deps.clock(), IncidentEvent.LIFTED, who, reason)))
    return lifted
