"""The use cases of incidents, bound to what they depend on: the part of the Container that an outage needs."""

from __future__ import annotations

from functools import cached_property, partial

from fallback.adapters import Adapters
from fallback.domain.audit import Audit
from fallback.domain.balance import Balance
from fallback.domain.holds import HERSELF
from fallback.domain.incident import Incident
from fallback.usecases.audit_primary import audit_primary
from fallback.usecases.close_incident import close_incident
from fallback.usecases.count_balance import count_balance
from fallback.usecases.follow_mode import follow_mode
from fallback.usecases.lift_halt import lift_halt
from fallback.usecases.note_incident import note_incident
from fallback.usecases.open_incident import open_incident


class OnCall(Adapters):
    """Tests hand fakes to it by assignment."""

    @cached_property
    def follow_mode(self) -> partial[None]:
        return partial(follow_mode, incidents=self.incidents, mode_log=self.modes.log, clock=self.clock)

    @cached_property
    def open_incident(self) -> partial[None]:
        return partial(open_incident, incidents=self.incidents, mode_log=self.modes.log)

    @cached_property
    def note_incident(self) -> partial[Incident]:
        return partial(note_incident, incidents=self.incidents, clock=self.clock)

    @cached_property
    def count_balance(self) -> partial[Balance]:
        desk, teams = self.config.fallback_desk, self.config.fallback_teams.values()
        return partial(
            count_balance,
            incidents=self.incidents,
            books=self.books,
            ledger=self.ledger,
            gateway=self.gateway,
            primary=self.primary,
            clock=self.clock,
            nobody=frozenset({HERSELF, desk, *teams, ""}),
        )

    @cached_property
    def close_incident(self) -> partial[Incident]:
        return partial(close_incident, incidents=self.incidents, books=self.books, clock=self.clock)

    @cached_property
    def audit_primary(self) -> partial[Audit]:
        return partial(
            audit_primary,
            books=self.books,
            ledger=self.ledger,
            primary=self.primary,
            incidents=self.incidents,
            halts=self.halts,
            clock=self.clock,
            desk=self.config.fallback_desk,
        )

    @cached_property
    def lift_halt(self) -> partial[bool]:
        return partial(lift_halt, halts=self.halts, incidents=self.incidents, clock=self.clock)
