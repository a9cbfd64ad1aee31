"""A person writes a line in an incident's timeline."""

from __future__ import annotations

from functools import partial

from fallback.domain.clock import Clock
from fallback.domain.incident.incident import Incident, noted
from fallback.domain.incident.ports import Incidents


def note_incident(incident_id: str, text: str, who: str, *, incidents: Incidents, clock: Clock) -> Incident:
    """Raises Invalid and UnknownIncident."""
    return incidents.change(incident_id, partial(noted, who=who, text=text, now=clock()))
