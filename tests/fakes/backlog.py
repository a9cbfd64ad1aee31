"""How many orders wait, counted over the ledger in memory."""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Queue
from fallback.domain.outage.drain import SOON
from fallback.domain.outage.forecast import Waiting
from tests.fakes.ledger import FakeLedger


class FakeBacklog:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def waiting(self, now: datetime, soon: timedelta = SOON) -> Waiting:
        due = self._ledger.due[Queue.PLACEMENT].items()
        times = [at for ref, at in due if self._ledger.load(ref).placement.late_since is None]
        headlines = [headline(self._ledger.load(ref)) for ref in self._ledger.refs()]
        return Waiting(
            due=sum(at <= now + soon for at in times),
            later=tuple((at - now).total_seconds() for at in times if at > now + soon),
            on_hold=headlines.count(Headline.ON_HOLD),
            unpaid=headlines.count(Headline.PAYMENT_NEEDED) + headlines.count(Headline.RECEIVED),
        )
