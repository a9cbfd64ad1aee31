"""Requests to the primary beside the hand-over of orders: they share the one pace."""

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

# The least time to wait before the pace is asked again, in seconds.
SHORTEST_WAIT = 0.01


class SideQuestion(Protocol):
    """The part of the primary's port that is used beside the hand-over."""

    def find(self, ref: str) -> PrimaryOrder | None: ...

    def placed_since(self, since: datetime) -> Iterable[PrimaryOrder]: ...


# The primary, for the time of the requests. True: a person asks, so a paused drain does not stop them.
Beside = Callable[[bool], AbstractContextManager[SideQuestion]]


class Paced:
    """A primary where each call, and each page of a list, takes a turn. Raises TryAgain while the drain is paused."""

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
        """Wait for the next turn. The turn before is finished by now."""
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
