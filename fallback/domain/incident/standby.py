"""Standby: orders outside of incidents, such as a share taken while the shop serves. Counted like an incident's.

Standby has no end, so it is counted as far back as an audit looks by default.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime, timedelta

from fallback.domain.incident.audit import LOOKS_BACK
from fallback.domain.incident.incident import Incident, Span
from fallback.domain.incident.ports import Books, Incidents
from fallback.domain.order.grants import NO_INCIDENT

# How often the clock process counts it while there are orders in it.
EVERY = timedelta(days=1)
# More incidents than begin within that time.
MOST = 1_000


class Standby(Incident, frozen=True, kw_only=True):
    """`between`: before, between and after the incidents of that time."""

    between: tuple[Span, ...] = ()

    @property
    def spans(self) -> tuple[Span, ...]:
        return self.between


def incident_or_standby(name: str, incidents: Incidents, books: Books, now: datetime) -> Incident:
    """Raises UnknownIncident."""
    if name != NO_INCIDENT:
        return incidents.load(name)
    since = now - LOOKS_BACK
    after = books.since(since).after
    reason = f"Orders of the last {LOOKS_BACK.days} days that belong to no incident."
    between = tuple(_between(after, incidents.newest(MOST)))
    return Standby(id=NO_INCIDENT, reason=reason, began=since, after=after, followed=now, between=between)


def _between(after: int, incidents: Iterable[Incident]) -> Iterator[Span]:
    for each in sorted(incidents, key=lambda incident: incident.after):
        if each.after > after:
            yield Span(after, each.after)
        if each.upto is None:
            return
        after = max(after, each.upto)
    yield Span(after)
