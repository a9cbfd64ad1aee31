"""Set the pace of the drain, pause it or let it go on: a person's decision, with her name and her reason."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.outage import drain
from fallback.domain.outage.drain import PaceWish
from fallback.domain.outage.pace import Pace, Rule


def set_pace(wish: PaceWish, who: str, *, pace: Pace, clock: Clock) -> Rule:
    """Raises Invalid. What others decided a moment before is in the log too."""
    rule = drain.decided(pace.rule(), wish, who, clock())
    pace.decide(rule)
    return rule
