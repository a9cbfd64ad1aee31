"""Incidents in memory; the accept sequence of an order is its place among all that the ledger has."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime

from fallback.domain.errors import UnknownIncident
from fallback.domain.incident.incident import Incident
from fallback.domain.order.grants import NO_INCIDENT
from tests.fakes.ledger import FakeLedger


class FakeIncidents:
    """`failing_since`: a test that lets it be quiet again sets None."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.failing_since: datetime | None = None
        self._ledger = ledger
        self._kept: dict[str, Incident] = {}

    def open(self, incident: Incident) -> Incident:
        return self._kept.setdefault(incident.id, incident)

    def change(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        self._kept[incident_id] = change(self.load(incident_id))
        return self._kept[incident_id]

    def load(self, incident_id: str) -> Incident:
        if incident_id not in self._kept:
            raise UnknownIncident(incident_id)
        return self._kept[incident_id]

    def last(self) -> Incident | None:
        return next(iter(self.newest(1)), None)

    def newest(self, limit: int) -> list[Incident]:
        return sorted(self._kept.values(), key=lambda incident: (incident.after, incident.id), reverse=True)[:limit]

    def of(self, ref: str) -> str:
        place = self._ledger.refs().index(ref) + 1
        newest = self.newest(len(self._kept))
        mine = (each for each in newest if each.after < place and (each.upto is None or place <= each.upto))
        return next((each.id for each in mine), NO_INCIDENT)

    def accepted_before(self, moment: datetime) -> int:
        return sum(self._ledger.load(ref).received_at < moment for ref in self._ledger.refs())

    def shop_failed(self, now: datetime) -> None:
        self.failing_since = self.failing_since or now

    def shop_failing_since(self) -> datetime | None:
        return self.failing_since
