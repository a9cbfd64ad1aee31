"""The daily drill, in a thread of the clock process, and what drills left behind."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from fallback import logs
from fallback.bootstrap import Container
from fallback.domain.drill import CannotDrill, Drill, Outcome, is_due
from fallback.domain.errors import Conflict, TryAgain
from fallback.ledger.leases import Leases

LEASE = "drills"
# Longer than a look takes, which waits for Stripe or the front door at most; less than a step may take, so that another
# clock goes on in time.
LEASE_SECONDS = 45.0
LOOK_SECONDS = 1.0
WHO = "clock"

log = logs.get_logger(process="clock")


class Drills:
    """Several clocks may run; one of them drills."""

    def __init__(self, container: Container, leases: Leases) -> None:
        self._container = container
        self._leases = leases
        self._every = timedelta(hours=container.config.fallback_drill_every_hours)

    def once(self) -> None:
        """Raises TryAgain while the ledger is away."""
        if not self._leases.hold(LEASE, LEASE_SECONDS):
            return
        drills = self._container.drills.newest()
        if self._every and self._container.drill_order and is_due(drills, self._every, self._container.clock()):
            with suppress(CannotDrill):  # the mode is not standby
                self._container.begin_drill(WHO)
                drills = self._container.drills.newest()
        for drill in drills:
            if drill.goes_on:
                self._go_on(drill)

    def give_up(self) -> None:
        """Another clock may go on at once."""
        with suppress(TryAgain):
            self._leases.release(LEASE)

    def _go_on(self, drill: Drill) -> None:
        with suppress(Conflict):  # somebody at the command line follows it too
            after = self._container.continue_drill(drill)
            if after.outcome is drill.outcome:
                return
            tell = log.error if after.outcome is Outcome.FAILED else log.info
            tell("drilled", ref=after.ref, state=after.outcome, reason=after.why, who=after.who)
