"""A person closes an incident once it balances. There is no override: the orders have to be corrected first."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.incident.closing import NotBalanced, why_open
from fallback.domain.incident.incident import Incident, closed
from fallback.domain.incident.ports import Books, Incidents
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def books(self) -> Books: ...

    @property
    def incidents(self) -> Incidents: ...


def close_incident(deps: Deps, incident_id: str, who: str) -> Incident:
    """Raises NotBalanced with what is missing, and UnknownIncident."""
    incident, now = deps.incidents.load(incident_id), deps.clock()
    lacking = why_open(incident, deps.books.balance(incident.id), deps.books.by_headline(incident.span), now)
    if lacking:
        raise NotBalanced(lacking)
    return deps.incidents.change(incident.id, partial(closed, who=who, now=now))
