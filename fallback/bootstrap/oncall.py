"""The use cases of an outage, bound to what they depend on: the mode, the drain, incidents, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property, partial
from time import sleep

from fallback.bootstrap.drills import Drilling
from fallback.domain.incident.audit import Audit
from fallback.domain.incident.balance import Balance
from fallback.domain.incident.incident import Incident
from fallback.domain.incident.running_totals import Till
from fallback.domain.oncall.alerts import Limits
from fallback.domain.order.holds import HERSELF
from fallback.domain.outage.beside import Beside, beside
from fallback.domain.outage.drain import Status
from fallback.domain.outage.dry_run import Outlook
from fallback.domain.outage.failover import Sighting
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.pace import Rule
from fallback.domain.outage.switching import Doubt
from fallback.ledger.order.views import Wanted
from fallback.usecases.incident.audit_primary import audit_primary
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.count_running_totals import count_running_totals
from fallback.usecases.incident.follow_mode import follow_mode
from fallback.usecases.incident.lift_halt import lift_halt
from fallback.usecases.incident.note_incident import note_incident
from fallback.usecases.oncall.note_minute import note_minute
from fallback.usecases.oncall.raise_alerts import raise_alerts
from fallback.usecases.oncall.send_alerts import send_alerts
from fallback.usecases.outage.drain_status import drain_status
from fallback.usecases.outage.probe_primary import probe_primary
from fallback.usecases.outage.rehearse_drain import rehearse_drain
from fallback.usecases.outage.review_mode import review_mode
from fallback.usecases.outage.set_pace import set_pace
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.take_standby_share import take_standby_share
from fallback.usecases.outage.warn_before_switch import warn_before_switch


class OnCall(Drilling):
    """Tests hand fakes to it by assignment."""

    @cached_property
    def follow_mode(self) -> partial[None]:
        return partial(follow_mode, incidents=self.incidents, mode_log=self.modes.log, clock=self.clock)

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
            beside=self.beside,
            clock=self.clock,
            nobody=frozenset({HERSELF, desk, *teams, ""}),
        )

    @cached_property
    def beside(self) -> Beside:
        return partial(beside, self.primary, self.pace, sleep)

    @cached_property
    def count_running_totals(self) -> partial[Till]:
        return partial(count_running_totals, books=self.books, incidents=self.incidents, clock=self.clock)

    @cached_property
    def close_incident(self) -> partial[Incident]:
        return partial(close_incident, incidents=self.incidents, books=self.books, clock=self.clock)

    @cached_property
    def audit_primary(self) -> partial[Audit]:
        return partial(
            audit_primary,
            books=self.books,
            ledger=self.ledger,
            beside=self.beside,
            incidents=self.incidents,
            halts=self.halts,
            clock=self.clock,
            desk=self.config.fallback_desk,
        )

    @cached_property
    def lift_halt(self) -> partial[bool]:
        return partial(lift_halt, halts=self.halts, incidents=self.incidents, clock=self.clock)

    @cached_property
    def probe_primary(self) -> partial[Sighting]:
        return partial(
            probe_primary,
            lookout=self.lookout,
            sightings=self.sightings,
            modes=self.modes,
            ledger=self.ledger,
            clock=self.clock,
            failover=self.config.fallback_failover,
            rules=self.failover_rules,
        )

    @cached_property
    def note_minute(self) -> partial[None]:
        return partial(note_minute, minutes=self.minutes, sightings=self.sightings, clock=self.clock)

    @cached_property
    def switch_mode(self) -> partial[ModeState]:
        return partial(switch_mode, modes=self.modes, clock=self.clock)

    @cached_property
    def review_mode(self) -> partial[tuple[ModeState, Sighting | None]]:
        return partial(
            review_mode, modes=self.modes, sightings=self.sightings, clock=self.clock, rules=self.failover_rules
        )

    @cached_property
    def warn_before_switch(self) -> partial[list[Doubt]]:
        return partial(warn_before_switch, sightings=self.sightings, ledger=self.ledger, clock=self.clock)

    @cached_property
    def set_pace(self) -> partial[Rule]:
        return partial(set_pace, pace=self.pace, clock=self.clock)

    @cached_property
    def rehearse_drain(self) -> partial[Iterator[Outlook]]:
        return partial(
            rehearse_drain,
            each=lambda headline: self.views.each(Wanted(headline=headline)),
            ledger=self.ledger,
            primary=self.primary,
            pace=self.pace,
            sleep=sleep,
        )

    @cached_property
    def drain_status(self) -> partial[Status]:
        return partial(
            drain_status,
            pace=self.pace,
            bounds=self.bounds,
            backlog=self.backlog,
            read_mode=self.modes.read,
            clock=self.clock,
        )

    @cached_property
    def alert_limits(self) -> Limits:
        config = self.config
        return Limits(timedelta(minutes=config.fallback_alert_order_minutes), config.fallback_alert_holds)

    @cached_property
    def raise_alerts(self) -> partial[None]:
        return partial(
            raise_alerts,
            outlook=self.outlook,
            outbox=self.outbox,
            to=list(self.tellers),
            limits=self.alert_limits,
            clock=self.clock,
        )

    @cached_property
    def take_standby_share(self) -> partial[bool]:
        return partial(
            take_standby_share,
            wanted=self.config.fallback_standby_share,
            outlook=self.outlook,
            limits=self.alert_limits,
            pace=self.pace,
            halts=self.halts,
            calls_go=lambda: not self.tallies.read().kept_back,
            clock=self.clock,
        )

    @cached_property
    def send_alerts(self) -> partial[None]:
        return partial(send_alerts, outbox=self.outbox, tellers=self.tellers, clock=self.clock, random=self.random)
