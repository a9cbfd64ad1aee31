"""The use cases of an outage, bound to what they depend on: the mode, the drain, incidents, alerts."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import timedelta
from functools import cached_property, partial
from time import sleep

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
from fallback.drilling import Drilling
from fallback.ledger.views import Wanted
from fallback.usecases.audit_primary import audit_primary
from fallback.usecases.close_incident import close_incident
from fallback.usecases.count_balance import count_balance
from fallback.usecases.count_till import count_till
from fallback.usecases.follow_mode import follow_mode
from fallback.usecases.lift_halt import lift_halt
from fallback.usecases.look_out import look_out
from fallback.usecases.note_incident import note_incident
from fallback.usecases.note_minute import note_minute
from fallback.usecases.raise_alerts import raise_alerts
from fallback.usecases.rehearse_drain import rehearse_drain
from fallback.usecases.review_mode import review_mode
from fallback.usecases.see_drain import see_drain
from fallback.usecases.send_alerts import send_alerts
from fallback.usecases.set_pace import set_pace
from fallback.usecases.switch_mode import switch_mode
from fallback.usecases.take_share import take_share
from fallback.usecases.weigh_switch import weigh_switch


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
    def count_till(self) -> partial[Till]:
        return partial(count_till, books=self.books, incidents=self.incidents, clock=self.clock)

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
    def look_out(self) -> partial[Sighting]:
        return partial(
            look_out,
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
    def weigh_switch(self) -> partial[list[Doubt]]:
        return partial(weigh_switch, sightings=self.sightings, ledger=self.ledger, clock=self.clock)

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
    def see_drain(self) -> partial[Status]:
        return partial(
            see_drain,
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
    def take_share(self) -> partial[bool]:
        return partial(
            take_share,
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
