"""Who is on duty, in memory."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping
from datetime import datetime

from fallback.domain.order.holds import HoldCode
from fallback.domain.support.accounts import Account, Permission, Person, Role
from fallback.domain.support.owners import Roster


class FakeDutyRoster:
    """ports.Duty. `turns`: for each person on duty when they were last given an order."""

    def __init__(
        self,
        desk: str = "checkout desk",
        teams: Mapping[HoldCode, str] | None = None,
        accounts: Callable[[], Iterable[Account]] = tuple,
    ) -> None:
        self.turns: dict[str, datetime] = {}
        self._desk, self._teams, self._accounts = desk, teams or {}, accounts
        self._leads: set[str] = set()

    def begin(self, person: Person, now: datetime) -> None:
        self.turns.setdefault(person.name, now)
        if person.role is not Role.AGENT:
            self._leads.add(person.name)

    def end(self, person: Person) -> None:
        self.turns.pop(person.name, None)
        self._leads.discard(person.name)

    def roster(self) -> Roster:
        accounts = list(self._accounts())
        disabled = {account.name for account in accounts if account.disabled}
        there = sorted(self.turns.keys() - disabled, key=lambda name: (self.turns[name], name))
        helpers = [account.person for account in accounts if not account.disabled]
        away = [person for person in helpers if person.may(Permission.HELP) and person.name not in there]
        return Roster(
            self._desk,
            tuple(name for name in there if name not in self._leads),
            tuple(name for name in there if name in self._leads),
            self._teams,
            away_agents=tuple(person.name for person in away if person.role is Role.AGENT),
            away_leads=tuple(person.name for person in away if person.role is not Role.AGENT),
        )

    def given(self, name: str, now: datetime) -> None:
        if name in self.turns:
            self.turns[name] = now
