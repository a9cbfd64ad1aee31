"""A person closes an incident, once it balances. There is no way around that: whoever needs one mends the orders."""

from __future__ import annotations

from functools import partial

from fallback.domain.clock import Clock
from fallback.domain.incident.closing import NotBalanced, why_open
from fallback.domain.incident.incident import Incident, closed
from fallback.domain.incident.ports import Books, Incidents


def close_incident(incident_id: str, who: str, *, incidents: Incidents, books: Books, clock: Clock) -> Incident:
    """Raises NotBalanced with what is missing, and UnknownIncident."""
    incident, now = incidents.load(incident_id), clock()
    lacking = why_open(incident, books.balance(incident.id), books.by_headline(incident.span), now)
    if lacking:
        raise NotBalanced(lacking)
    return incidents.change(incident.id, partial(closed, who=who, now=now))
