"""A person adds a note to an incident's timeline."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.incident.incident import Incident, noted
from fallback.domain.incident.ports import Incidents
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def incidents(self) -> Incidents: ...


def note_incident(deps: Deps, incident_id: str, text: str, who: str) -> Incident:
    """Raises Invalid and UnknownIncident."""
    return deps.incidents.change(incident_id, partial(noted, who=who, text=text, now=deps.clock()))
