"""Probe the primary once: record our observation and what customers met, decide, and switch if automation may."""

from __future__ import annotations

from contextlib import suppress
from typing import Protocol

from fallback.domain.errors import Conflict
from fallback.domain.outage.failover import Evidence, Failover, Observation, Rules, add, advise, decide
from fallback.domain.outage.ports import Modes, Observations, Prober
from fallback.domain.outage.switching import count_held
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def failover(self) -> Failover: ...

    @property
    def failover_rules(self) -> Rules: ...

    @property
    def prober(self) -> Prober: ...

    @property
    def modes(self) -> Modes: ...

    @property
    def observations(self) -> Observations: ...


def probe_primary(deps: Deps) -> Observation:
    """Raises TryAgain while the ledger is away."""
    before = deps.observations.read()
    look, now = deps.prober.look(), deps.clock()
    state, log = deps.modes.read(), deps.modes.log()
    evidence = add(
        before.evidence if before else Evidence(),
        look,
        deps.observations.customers(now),
        deps.observations.provider(),
        count_held(deps.ledger),
        deps.failover_rules,
    )
    observation = Observation(now, evidence, advise(state.mode, log, evidence, deps.failover_rules, now))
    deps.observations.write(observation)
    switched = decide(state, observation.advice, deps.failover, now)
    if switched:
        with suppress(Conflict):  # a person switched first, and their decision stands
            deps.modes.switch(switched, instead_of=state)
    return observation
