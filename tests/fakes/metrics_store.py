"""What processes saw of their work, of which the fakes see none: as a test says it, besides what the ledger has."""

from __future__ import annotations

from fallback.ledger.oncall.metrics_store import BUCKETS, Seen, Spread
from fallback.runtime.metrics import SERIES
from tests.fakes.ledger import FakeLedger


class FakeMetricsStore:
    """`seen`: what a test says that was seen."""

    def __init__(self, ledger: FakeLedger) -> None:
        self.seen: Seen | None = None
        self._ledger = ledger

    def read(self) -> Seen:
        if self.seen:
            return self.seen
        orders = [self._ledger.load(ref) for ref in self._ledger.refs()]
        lapses = [order.payment.capture_before for order in orders if order.payment.capture_before]
        nothing = Spread((0,) * len(BUCKETS), 0.0)
        lapses_at = min(lapses).timestamp() if lapses else None
        return Seen(len(orders), lapses_at, dict.fromkeys(SERIES, nothing), frozenset())
