"""Say which mode is on, what was seen last, and what follows from it for this mode."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.outage.failover import PAUSE, Rules, Sighting, advise
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.ports import Modes, Sightings


def review_mode(*, modes: Modes, sightings: Sightings, clock: Clock, rules: Rules) -> tuple[ModeState, Sighting | None]:
    """No sighting if nobody has looked lately. Its advice is of now: it may have been for the mode before."""
    state, sighting, now = modes.read(), sightings.read(), clock()
    if sighting is None or now - sighting.at > PAUSE:
        return state, None
    return state, Sighting(
        sighting.at, sighting.evidence, advise(state.mode, modes.log(), sighting.evidence, rules, now)
    )
