"""Who is on duty, in memory."""

from __future__ import annotations

from datetime import datetime

from fallback.domain.owners import Roster
from fallback.domain.people import Person, Role


class FakeDuty:
    """ports.Duty. `turns`: for each person on duty when she was last given an order."""

    def __init__(self, desk: str = "checkout desk") -> None:
        self.desk = desk
        self.turns: dict[str, datetime] = {}
        self._leads: set[str] = set()

    def begin(self, person: Person, now: datetime) -> None:
        self.turns.setdefault(person.name, now)
        if person.role is not Role.AGENT:
            self._leads.add(person.name)

    def end(self, person: Person) -> None:
        self.turns.pop(person.name, None)

    def roster(self) -> Roster:
        there = sorted(self.turns, key=lambda name: (self.turns[name], name))
        agents = tuple(name for name in there if name not in self._leads)
        leads = tuple(name for name in there if name in self._leads)
        return Roster(self.desk, agents, leads)

    def given(self, name: str, now: datetime) -> None:
        if name in self.turns:
            self.turns[name] = now
