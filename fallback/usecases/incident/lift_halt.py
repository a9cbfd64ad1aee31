"""A person has handled what the shop lost, and resumes handing orders over."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.incident.incident import Entry, IncidentEvent, told
from fallback.domain.incident.ports import Halts, Incidents
from fallback.domain.order import texts_by_people
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def halts(self) -> Halts: ...

    @property
    def incidents(self) -> Incidents: ...


def lift_halt(deps: Deps, who: str, reason: str, seen: str | None = None) -> bool:
    """False if nothing was halted. Raises Invalid for a reason that cannot be kept.

    `seen`: the tag of the halt that they saw; raises Conflict for another one.
    """
    reason = texts_by_people.reason("reason", reason)
    lifted, last = deps.halts.lift(seen), deps.incidents.last()
    if lifted and last:
        deps.incidents.change(last.id, partial(told, entry=Entry(deps.clock(), IncidentEvent.LIFTED, who, reason)))
    return lifted
