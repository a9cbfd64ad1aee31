"""Questions to the primary beside the drain: they take turns in the pace that all share."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Iterator
from contextlib import AbstractContextManager, contextmanager
from datetime import datetime
from typing import Protocol

from fallback.domain.errors import TryAgain
from fallback.domain.outage.pace import Heard, Pace
from fallback.domain.outage.shop_health import ShopHealth
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import Primary

# The shortest wait before asking the pace again.
SHORTEST_WAIT = 0.01


class SideQuestion(Protocol):
    """The calls of a primary that are used beside the drain."""

    def find(self, ref: str) -> PrimaryOrder | None: ...

    def placed_since(self, since: datetime) -> Iterable[PrimaryOrder]: ...


# The primary, for the duration of the questions. True: a person asks although the drain is paused.
Beside = Callable[[bool], AbstractContextManager[SideQuestion]]


class Paced:
    """A primary of which each call, and each page of a list, takes a turn.

    Raises TryAgain while the drain is paused.
    """

    def __init__(self, primary: Primary, pace: Pace, sleep: Callable[[float], None], although_paused: bool) -> None:
        self.shop_health = ShopHealth()
        self._primary = primary
        self._find = self.shop_health.over(primary).find
        self._pace = pace
        self._sleep = sleep
        self._although_paused = although_paused

    def find(self, ref: str) -> PrimaryOrder | None:
        self.turn()
        return self._find(ref)

    def placed_since(self, since: datetime) -> Iterable[PrimaryOrder]:
        return self._primary.placed_since(since, self.turn)

    def turn(self) -> None:
        """Wait for a turn. The call before is over by now."""
        while not (turn := self._pace.take(1, self.shop_health.news(), self._although_paused)).orders:
            if turn.paused:
                raise TryAgain("The drain is paused.")
            self._sleep(max(turn.wait, SHORTEST_WAIT))
        self.shop_health.add(Heard(finished=1))


@contextmanager
def beside(primary: Primary, pace: Pace, sleep: Callable[[float], None], although_paused: bool) -> Iterator[Paced]:
    paced = Paced(primary, pace, sleep, although_paused)
    try:
        yield paced
    finally:
        pace.take(0, paced.shop_health.news())
