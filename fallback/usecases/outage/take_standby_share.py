"""Whether a share of the shop's customers may come to us in standby: only while nothing at all is wrong.

It is an exercise for us but a real purchase for the customer: if their order might have to wait, the shop should serve
them.
"""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fallback.domain.incident.ports import Halts
from fallback.domain.oncall.alerts import AlertLimits, Overview, all_is_well
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
    """Asked by the proxy, each second. `calls_go`: no circuit breaker is open.

    May raise TryAgain in standby, where the shop serves requests that get no answer; in an outage nothing is read for
    it.
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
