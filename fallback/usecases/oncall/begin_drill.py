"""Begin a drill; whoever runs it advances it step by step (continue_drill)."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.oncall.drill import CannotDrill, Drill, Drills, begin
from fallback.domain.oncall.drill_cart import DrillOrder
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def drill_order(self) -> DrillOrder | None: ...

    @property
    def drill_with_card(self) -> bool: ...

    @property
    def drills(self) -> Drills: ...

    @property
    def modes(self) -> Modes: ...


def begin_drill(deps: Deps, who: str) -> Drill:
    """Raises CannotDrill."""
    if deps.drill_order is None:
        raise CannotDrill("FALLBACK_DRILL_CART is not set. Set it to the items that a drill buys.")
    mode = deps.modes.read().mode
    if mode is not Mode.STANDBY:
        raise CannotDrill(f"The mode is {mode}. Drills run only in standby.")
    drill = begin(who, deps.drill_with_card, deps.clock())
    deps.drills.begin(drill)
    return drill
