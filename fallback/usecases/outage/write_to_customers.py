"""On call writes what customers read on the status page. What was written is in the incident's timeline too."""

from __future__ import annotations

from datetime import datetime, timedelta
from functools import partial
from typing import Protocol

from fallback.domain.incident.incident import Entry, IncidentEvent, told
from fallback.domain.incident.ports import Incidents
from fallback.domain.outage import public_status
from fallback.domain.outage.ports import PublicStatuses
from fallback.domain.outage.public_status import PublicStatus
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def incidents(self) -> Incidents: ...

    @property
    def public_statuses(self) -> PublicStatuses: ...


def publish_note(deps: Deps, text: str, next_in: timedelta | None, who: str) -> PublicStatus:
    """`next_in`: when the next one is promised. Raises Invalid."""
    change = partial(public_status.noted, who=who, text=text, next_in=next_in, now=deps.clock())
    status = deps.public_statuses.change(change)
    _log(deps, f"To customers: {status.notes[0].text}", who)
    return status


def announce_maintenance(deps: Deps, times: tuple[datetime, datetime], text: str, who: str) -> PublicStatus:
    """`times`: its begin and its end. Raises Invalid."""
    change = partial(public_status.announced, who=who, times=times, text=text, now=deps.clock())
    return deps.public_statuses.change(change)


def end_maintenance(deps: Deps, maintenance_id: str, who: str) -> PublicStatus:
    """Raises NotAllowedNow if it is over, or unknown."""
    change = partial(public_status.ended, maintenance_id=maintenance_id, who=who, now=deps.clock())
    return deps.public_statuses.change(change)


def _log(deps: Deps, text: str, who: str) -> None:
    incident = deps.incidents.last()
    if incident and not incident.closed:
        entry = Entry(deps.clock(), IncidentEvent.NOTED, who, text)
        deps.incidents.change(incident.id, partial(told, entry=entry))
