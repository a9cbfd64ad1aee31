"""The daily drill, and the cleanup after drills."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import CannotDrill, Drill, DrillOutcome, is_due
from fallback.runtime import logs
from fallback.usecases.oncall.begin_drill import begin_drill
from fallback.usecases.oncall.continue_drill import continue_drill

WHO = "clock"

log = logs.get_logger(process="clock")


class DrillRounds:
    def __init__(self, container: Container) -> None:
        self._container = container
        self._every = timedelta(hours=container.config.drills.every_hours)

    def once(self) -> None:
        """Raises TryAgain while the ledger is down."""
        drills = self._container.drills.newest()
        if self._every and self._container.drill_order and is_due(drills, self._every, self._container.clock()):
            with suppress(CannotDrill):  # the mode is not standby
                begin_drill(self._container, WHO)
                drills = self._container.drills.newest()
        for drill in drills:
            if drill.goes_on:
                self._go_on(drill)

    def _go_on(self, drill: Drill) -> None:
        with suppress(Conflict):  # the command `fallback drill` may advance it too
            after = continue_drill(self._container, drill)
            if after.outcome is drill.outcome:
                return
            tell = log.error if after.outcome is DrillOutcome.FAILED else log.info
            tell("drilled", ref=after.ref, state=after.outcome, reason=after.why, who=after.who)
