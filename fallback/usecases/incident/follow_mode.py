"""Open and end incidents: by the log of the mode, or because the shop fails customers whose orders we take."""

from __future__ import annotations

from datetime import datetime
from functools import partial
from typing import Protocol

from fallback.domain.incident.incident import by_order, quiet, refusals_told
from fallback.domain.incident.mode_log import follow
from fallback.domain.incident.ports import Incidents
from fallback.domain.order.exposure import Exposures
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def exposures(self) -> Exposures: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def modes(self) -> Modes: ...


def follow_mode(deps: Deps) -> None:
    """Safe to call at any time, by any number of processes at once."""
    lasting = follow(deps.incidents, deps.modes.log())
    failing = deps.incidents.shop_failing_since()
    if lasting is None and failing:
        _open(failing, deps.clock(), deps.incidents)
    elif lasting and not lasting.switched and not failing:
        now = deps.clock()
        deps.incidents.change(lasting.id, partial(quiet, now=now, accepted=deps.incidents.accepted_before(now)))
    elif lasting is None:
        _end_counts(deps)


def _end_counts(deps: Deps) -> None:
    """In standby the shop hears of each order within seconds, and signs its carts with what it has left then."""
    counted, last = deps.exposures.read(), deps.incidents.last()
    if counted.since is None:
        return
    if counted.refused and last and last.ended and counted.since < last.ended:
        deps.incidents.change(last.id, partial(refusals_told, refused=counted.refused))
    deps.exposures.end()


def _open(failing: datetime, now: datetime, incidents: Incidents) -> None:
    """From the first order since the shop began to fail and since the previous incident ended."""
    last = incidents.last()
    since = max(failing, last.ended) if last and last.ended else failing
    before = incidents.accepted_before(since)
    if incidents.accepted_before(now) > before:
        incidents.open(by_order(since, before))
