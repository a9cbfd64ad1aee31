"""Set the pace of the drain, pause or resume it: a person's decision, logged with their name and reason."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from fallback.domain.errors import Conflict
from fallback.domain.order.record import TRIES
from fallback.domain.outage import drain
from fallback.domain.outage.drain import PaceRequest
from fallback.domain.outage.pace import Pace, PaceRule
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def pace(self) -> Pace: ...


def set_pace(deps: Deps, requested: PaceRequest, who: str, seen: str | None = None) -> PaceRule:
    """Raises Invalid. What another person decided at the same moment and this request leaves as it is, stays.

    `seen`: the tag of the only rule to replace; raises Conflict for another one.
    """
    for _ in range(TRIES):
        before = deps.pace.rule()
        if seen not in (None, before.tag):
            break
        rule = drain.decided(before, requested, who, deps.clock())
        with suppress(Conflict):
            deps.pace.decide(rule, instead_of=before)
            return rule
    raise Conflict("the pace")
