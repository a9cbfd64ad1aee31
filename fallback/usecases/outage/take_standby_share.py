"""Decide whether to take a share of the shop's customers in standby: only while everything works.

It is an exercise for us but a real purchase for the customer. If the order might have to wait, the shop serves it.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fallback.domain.incident.ports import Halts
from fallback.domain.oncall.alert_rules import all_is_well
from fallback.domain.oncall.alerts import AlertLimits, Overview
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import Pace
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def alert_limits(self) -> AlertLimits: ...

    @property
    def calls_go(self) -> Callable[[], bool]: ...

    @property
    def halts(self) -> Halts: ...

    @property
    def overview(self) -> Overview: ...

    @property
    def pace(self) -> Pace: ...

    @property
    def standby_share(self) -> bool: ...


def take_standby_share(deps: Deps, mode: Mode) -> bool:
    """The proxy asks every second. `calls_go`: no circuit breaker is open.

    May raise TryAgain in standby: the shop then serves the requests. In an outage it reads nothing.
    """
    if not deps.standby_share or mode is not Mode.STANDBY:
        return False
    now = deps.clock()
    return (
        all_is_well(deps.overview.see(now), deps.alert_limits, now)
        and not deps.pace.rule().paused
        and deps.halts.read() is None
        and deps.calls_go()
    )
