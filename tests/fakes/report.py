"""What the report is made from, in memory: orders of the fake ledger, and remarks."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from fallback.domain.support.fairness import Story, tell
from fallback.ledger.support.remarks import Remark
from fallback.ledger.support.report_source import Period
from tests.fakes.ledger import FakeLedger


class FakeReportSource:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def period(self, since: datetime, until: datetime, most: int) -> Period:
        """Orders stand in the ledger in the order in which they were received."""
        received = [self._ledger.load(ref).received_at for ref in self._ledger.refs()]
        begin, end = sum(at < since for at in received), sum(at < until for at in received)
        first = max(begin, end - most)
        return Period(since, until, first, end, first - begin)

    def stories(self, period: Period) -> Iterator[Story]:
        for ref in self._ledger.refs()[period.first : period.end]:
            order = self._ledger.load(ref)
            yield tell(order.received_at, order.currency, self._ledger.timeline(ref))


class FakeRemarks:
    def __init__(self) -> None:
        self._kept: list[Remark] = []

    def add(self, remark: Remark) -> None:
        self._kept.insert(0, remark)

    def newest(self, most: int) -> list[Remark]:
        return self._kept[:most]
