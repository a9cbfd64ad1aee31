"""Begin a drill; who follows it takes it step by step (continue_drill)."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.oncall.drill import CannotDrill, Drill, Drills, begin
from fallback.domain.oncall.drill_cart import DrillOrder
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Modes


def begin_drill(
    who: str, *, buys: DrillOrder | None, with_card: bool, drills: Drills, modes: Modes, clock: Clock
) -> Drill:
    """Raises CannotDrill."""
    if buys is None:
        raise CannotDrill("FALLBACK_DRILL_CART is not set: say there what a drill shall buy.")
    mode = modes.read().mode
    if mode is not Mode.STANDBY:
        raise CannotDrill(f"The mode is {mode}: drills are for standby.")
    drill = begin(who, with_card, clock())
    drills.begin(drill)
    return drill
