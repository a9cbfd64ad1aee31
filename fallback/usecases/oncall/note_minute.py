"""Record the figures of the installation for the current minute."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.oncall.minutes import Minutes, failures
from fallback.domain.outage.ports import Observations
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def minutes(self) -> Minutes: ...

    @property
    def observations(self) -> Observations: ...


def note_minute(deps: Deps) -> None:
    now, seen = deps.clock(), deps.observations.read()
    deps.minutes.note(failures(deps.observations.customers(now), seen.evidence if seen else None, now), now)
