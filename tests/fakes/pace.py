"""The pace in memory, on a watch of its own."""

from __future__ import annotations

from collections.abc import Callable
from threading import Lock
from time import monotonic

from fallback.domain.errors import Conflict
from fallback.domain.outage import pace
from fallback.domain.outage.pace import NOTHING, Bounds, Going, Heard, PaceRule, Turn
from tests.builders import NOW

UNBOUND = Bounds(start=10_000, step=10_000, captures=10_000)


def a_rule(orders_a_second: float = 20, **changes: object) -> PaceRule:
    told: dict[str, object] = {"at": NOW, "who": "Jo", "why": "the shop asked for it"} | changes
    return PaceRule(pace=orders_a_second, **told)  # type: ignore[arg-type]


class FakePace:
    """`heard`: all that was told, in a row. `ahead`: by how many seconds a test moved its watch."""

    def __init__(self, rule: PaceRule, bounds: Bounds = UNBOUND, seconds: Callable[[], float] = monotonic) -> None:
        self.heard: list[Heard] = []
        self.ahead = 0.0
        self._bounds = bounds
        self._seconds = lambda: seconds() + self.ahead
        self._otherwise = rule
        self._decided: list[PaceRule] = []
        self._going: Going | None = None
        self._lock = Lock()

    def rule(self) -> PaceRule:
        return self._decided[0] if self._decided else self._otherwise

    def decide(self, rule: PaceRule, instead_of: PaceRule | None = None) -> None:
        if instead_of and instead_of != FakePace.rule(self):
            raise Conflict("pace")
        self._decided.insert(0, rule)

    def decided(self) -> list[PaceRule]:
        return list(self._decided)

    def going(self) -> Going:
        return pace.look(self._going, self.rule(), self._bounds, self._seconds())

    def take(self, most: int, heard: Heard = NOTHING, although_paused: bool = False) -> Turn:
        with self._lock:
            self.heard.append(heard)
            turn = pace.take(self._going, self.rule(), self._bounds, heard, most, self._seconds(), although_paused)
            self._going = turn.going
            return turn
