"""alerts.Outlook over what else is in memory."""

from __future__ import annotations

from collections import Counter
from datetime import datetime

from fallback.bootstrap.container import Container
from fallback.domain.oncall.alerts import Snapshot
from fallback.domain.oncall.drill import last_result
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Queue
from fallback.domain.outage.failover import Advice, decide
from fallback.domain.payment.concerns import open_ones


class FakeOverview:
    def __init__(self, container: Container) -> None:
        self._container = container

    def see(self, now: datetime) -> Snapshot:
        built = self._container
        orders = [built.ledger.load(ref) for ref in built.ledger.refs()]
        waiting = (order.received_at for order in orders if headline(order) is Headline.WAITING)
        sheet = built.books.balance(NO_INCIDENT)
        first = {queue: min(built.ledger.due[queue].values(), default=None) for queue in Queue}
        return Snapshot(
            mode=built.modes.read(),
            advice=self._advice(now),
            not_ready=built.readiness.problems(),
            oldest_waiting=min(waiting, default=None),
            oldest_due={queue: at for queue, at in first.items() if at and at <= now},
            holds=Counter(hold.code for order in orders for hold in order.holds),
            doubted=sum(bool(open_ones(order)) for order in orders),
            differences=len(sheet.differences) if sheet else 0,
            drill=last_result(built.drills.newest()),
            clocks_off=built.heartbeats.clocks_off(now),
            stale_webhook=built.heartbeats.stale_webhook(),
            journals=built.heartbeats.journals(now),
            receivers_away=tuple(built.announcements.away().values()),
        )

    def _advice(self, now: datetime) -> Advice | None:
        built, mode, observation = self._container, self._container.modes.read(), self._container.observations.read()
        if observation is None or observation.advice.mode is mode.mode:
            return None
        return None if decide(mode, observation.advice, built.failover, now) else observation.advice
