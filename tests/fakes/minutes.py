"""The last hour in memory, counted over the ledger in memory."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime

from fallback.domain.oncall.minutes import HANDED_OVER, SHOWN, Sums, number
from fallback.domain.order.lifecycle import headline
from tests.fakes.ledger import FakeLedger


class FakeMinutes:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger
        self._noted: dict[int, Sums] = {}

    def note(self, failures: int, now: datetime) -> None:
        headlines = [headline(self._ledger.load(ref)) for ref in self._ledger.refs()]
        handed_over = sum(each in HANDED_OVER for each in headlines)
        self._noted[number(now)] = Sums(len(headlines), handed_over, failures)

    def noted(self, now: datetime) -> Mapping[int, Sums]:
        return {minute: sums for minute, sums in self._noted.items() if 0 <= number(now) - minute <= SHOWN}
