"""List the reasons against a switch before a person makes it."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Observations
from fallback.domain.outage.switching import Doubt, count_held, doubts
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def observations(self) -> Observations: ...


def warn_before_switch(deps: Deps, to: Mode) -> list[Doubt]:
    return doubts(to, count_held(deps.ledger), deps.observations.read(), deps.clock())
