"""What is seen of the primary, in memory, and looks that find what a test says."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.outage.failover import WINDOW, Customers, Observation, Probe
from tests.builders import NOW


class FakeObservations:
    def __init__(self) -> None:
        self._failed: list[tuple[datetime, str, str]] = []
        self._provider: bool | None = None
        self._last: Observation | None = None

    def count(self, reason: str, head: str, now: datetime) -> None:
        self._failed.append((now, reason, head))

    def customers(self, now: datetime) -> Customers:
        lately = [(reason, head) for at, reason, head in self._failed if now - at < WINDOW]
        heads = {head for _, head in lately}
        return Customers(len(heads), len(lately), sum(reason == "maybe_taken" for reason, _ in lately))

    def note_provider(self, answers: bool) -> None:
        self._provider = answers

    def provider(self) -> bool | None:
        return self._provider

    def read(self) -> Observation | None:
        return self._last

    def write(self, observation: Observation) -> None:
        self._last = observation


class FakeProber:
    """Finds all well until a test says what it finds."""

    def __init__(self) -> None:
        self.finds = Probe(NOW, page=True, health=True)
        self.looks = 0

    def look(self) -> Probe:
        self.looks += 1
        return self.finds
