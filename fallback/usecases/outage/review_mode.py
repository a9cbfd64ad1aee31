"""Show the current mode, the last observation, and the decision that follows from it for this mode."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.outage.failover import Observation, Rules, advise
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.ports import Modes, Observations
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def failover_rules(self) -> Rules: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def observations(self) -> Observations: ...


def review_mode(deps: Deps) -> tuple[ModeState, Observation | None]:
    """No observation if there is no recent one. Its advice is recomputed: it may have been for the mode before."""
    state, observation, now = deps.modes.read(), deps.observations.read(), deps.clock()
    if observation is None or not observation.is_recent(now):
        return state, None
    return state, Observation(
        observation.at,
        observation.evidence,
        advise(state.mode, deps.modes.log(), observation.evidence, deps.failover_rules, now),
    )
