"""Set the pace of the drain, pause or resume it: a person's decision, logged with their name and reason."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.outage import drain
from fallback.domain.outage.drain import PaceRequest
from fallback.domain.outage.pace import Pace, PaceRule
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def pace(self) -> Pace: ...


def set_pace(deps: Deps, requested: PaceRequest, who: str) -> PaceRule:
    """Raises Invalid. A decision made a moment before by another person is in the log too."""
    rule = drain.decided(deps.pace.rule(), requested, who, deps.clock())
    deps.pace.decide(rule)
    return rule
