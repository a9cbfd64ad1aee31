"""The counts in memory: recounted from the orders each time."""

from __future__ import annotations

from collections import Counter

from msgspec.structs import replace

from fallback.domain.order import exposure
from fallback.domain.order.exposure import Exposure
from fallback.domain.outage.mode import Mode
from tests.fakes.ledger import FakeLedger
from tests.fakes.views import FakeModes


class FakeExposures:
    def __init__(self, ledger: FakeLedger, modes: FakeModes) -> None:
        self._ledger = ledger
        self._modes = modes

    def read(self) -> Exposure:
        sums: Counter[str] = Counter()
        orders = self._ledger.counted()
        for order in orders:
            sums[order.currency] += exposure.not_authorized(order)
        late = sum(bool(order.late) and exposure.lives(order) for order in orders)
        return replace(self._ledger.exposure, open=dict(+sums), late=late)

    def end(self) -> bool:
        if self._modes.read().mode is not Mode.STANDBY:
            return False
        self._ledger.count_anew()
        return True
