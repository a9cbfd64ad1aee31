"""Say which mode is on, what was seen last, and what follows from it for this mode."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.outage.failover import PAUSE, Rules, Sighting, advise
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.ports import Modes, Sightings
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def failover_rules(self) -> Rules: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def sightings(self) -> Sightings: ...


def review_mode(deps: Deps) -> tuple[ModeState, Sighting | None]:
    """No sighting if nobody has looked lately. Its advice is of now: it may have been for the mode before."""
    state, sighting, now = deps.modes.read(), deps.sightings.read(), deps.clock()
    if sighting is None or now - sighting.at > PAUSE:
        return state, None
    return state, Sighting(
        sighting.at,
        sighting.evidence,
        advise(state.mode, deps.modes.log(), sighting.evidence, deps.failover_rules, now),
    )
