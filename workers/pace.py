"""A worker's part of the pace that all share: it asks for room, and tells what it has seen."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.outage.pace import MADE_UP_FOR, Heard, Pace
from fallback.domain.outage.shop_health import ShopHealth

# Asked often enough that nothing is lost of what is made up for.
ASKED_EVERY = MADE_UP_FOR / 5


class Share:
    """Of one shift. `wait`: seconds until asking again is of use. `paused`: nobody gets room now."""

    def __init__(self, pace: Pace, shop_health: ShopHealth, available: Callable[[], bool]) -> None:
        self.wait = 0.0
        self.paused = False
        self._pace = pace
        self._watch = shop_health
        self._available = available

    def take(self, most: int) -> int:
        """How many orders may be taken now; each of them is `finished` or `unused` in the end."""
        turn = self._pace.take(most, self._watch.news())
        self.wait = ASKED_EVERY if turn.orders else turn.wait
        self.paused = turn.paused
        return turn.orders

    def unused(self, orders: int) -> None:
        self._watch.add(Heard(unused=orders))

    def finished(self, _: object) -> None:
        self._watch.add(Heard(finished=1))

    def leave(self) -> None:
        """Tell the rest: what others do next may depend on it."""
        self._watch.add(Heard(down=not self._available()))
        self._pace.take(0, self._watch.news())
