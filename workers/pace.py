"""A worker's share of the common pace: it requests turns and reports its observations."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.outage.pace import MADE_UP_FOR, Heard, Pace
from fallback.domain.outage.shop_health import ShopHealth

# Short, so that unused capacity is not lost.
ASKED_EVERY = MADE_UP_FOR / 5


class Share:
    """For one shift. `wait`: seconds until the next request is useful. `paused`: no worker gets turns now."""

    def __init__(self, pace: Pace, shop_health: ShopHealth, available: Callable[[], bool]) -> None:
        self.wait = 0.0
        self.paused = False
        self._pace = pace
        self._shop_health = shop_health
        self._available = available

    def take(self, most: int) -> int:
        """How many orders may be claimed now; each ends as `finished` or `unused`."""
        turn = self._pace.take(most, self._shop_health.news())
        self.wait = ASKED_EVERY if turn.orders else turn.wait
        self.paused = turn.paused
        return turn.orders

    def unused(self, orders: int) -> None:
        self._shop_health.add(Heard(unused=orders))

    def finished(self, _: object) -> None:
        self._shop_health.add(Heard(finished=1))

    def leave(self) -> None:
        """Report the remaining observations: the turns of others may depend on them."""
        self._shop_health.add(Heard(down=not self._available()))
        self._pace.take(0, self._shop_health.news())
