"""alerts.Outlook over what else is in memory."""

from __future__ import annotations

from datetime import datetime

from fallback.bootstrap import Container
from fallback.domain.alerts import Sight
from fallback.domain.drill import last_result
from fallback.domain.lifecycle import Headline, headline


class FakeOutlook:
    def __init__(self, container: Container) -> None:
        self._container = container

    def see(self, now: datetime) -> Sight:
        built = self._container
        orders = [built.ledger.load(ref) for ref in built.ledger.refs()]
        waiting = (order.received_at for order in orders if headline(order) is Headline.WAITING)
        return Sight(
            mode=built.modes.read(),
            advice=None,
            not_ready=built.readiness.problems(),
            oldest_waiting=min(waiting, default=None),
            oldest_due={},
            holds={},
            drill=last_result(built.drills.newest()),
            clocks_off=built.signs.clocks_off(now),
            stale_webhook=built.signs.stale_webhook(),
        )
