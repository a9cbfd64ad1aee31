"""The books of the fake ledger, and a halt, in memory."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterator, Sequence
from datetime import datetime

from msgspec.structs import replace

from fallback.domain.errors import Conflict
from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.incident.balance import Balance
from fallback.domain.incident.incident import Span
from fallback.domain.incident.running_totals import RunningTotals
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Event, Order
from tests.fakes.ledger import FakeLedger


class FakeBooks:
    """`moved` is what the indexes say of orders that they have elsewhere than they belong.

    `also`: a list that has the order besides the one in which it belongs. `unread`: refs of orders that cannot be read.
    """

    def __init__(self, ledger: FakeLedger) -> None:
        self.moved: dict[str, Headline] = {}
        self.also: dict[str, Headline] = {}
        self.unread: set[str] = set()
        self._ledger = ledger
        self._balances: dict[str, Balance] = {}
        self._asked: set[str] = set()
        self._audit: Audit | None = None
        self._till: RunningTotals | None = None

    def accepted(self, span: Span) -> int:
        return len(self._refs(span))

    def scan(self, span: Span) -> Iterator[tuple[Order, list[Event]]]:
        for order in self.orders(self._refs(span)):
            yield order, self._ledger.timeline(order.ref)

    def orders(self, refs: Sequence[str]) -> list[Order]:
        there = set(self._ledger.refs()) - self.unread
        return [replace(self._ledger.load(ref), customer=None) for ref in refs if ref in there]

    def since(self, moment: datetime) -> Span:
        return Span(sum(self._ledger.load(ref).received_at < moment for ref in self._ledger.refs()))

    def by_headline(self, span: Span) -> dict[Headline, int]:
        refs = self._refs(span)
        return dict(
            Counter([self._indexed(ref) for ref in refs] + [self.also[ref] for ref in refs if ref in self.also])
        )

    def listed(self, span: Span, each: Headline) -> set[str]:
        return {ref for ref in self._refs(span) if each in (self._indexed(ref), self.also.get(ref))}

    def misplaced(self, refs: Sequence[str]) -> list[str]:
        return [ref for ref in refs if ref in self.also or self._indexed(ref) is not headline(self._ledger.load(ref))]

    def keep(self, balance: Balance) -> None:
        self._balances[balance.incident] = balance

    def balance(self, incident_id: str) -> Balance | None:
        return self._balances.get(incident_id)

    def ask(self, incident_id: str) -> None:
        self._asked.add(incident_id)

    def asked(self) -> list[str]:
        return list(self._asked)

    def answered(self, incident_id: str) -> None:
        self._asked.discard(incident_id)

    def keep_audit(self, audit: Audit) -> None:
        self._audit = audit

    def last_audit(self) -> Audit | None:
        return self._audit

    def keep_running_totals(self, totals: RunningTotals) -> None:
        self._till = totals

    def last_running_totals(self) -> RunningTotals | None:
        return self._till

    def _refs(self, span: Span) -> list[str]:
        return self._ledger.refs()[span.after : span.upto]

    def _indexed(self, ref: str) -> Headline:
        return self.moved.get(ref) or headline(self._ledger.load(ref))


class FakeHalts:
    def __init__(self) -> None:
        self._halt: Halt | None = None

    def read(self) -> Halt | None:
        return self._halt

    def halt(self, halt: Halt) -> bool:
        stood, self._halt = self._halt, self._halt or halt
        return stood is None

    def lift(self, seen: str | None = None) -> bool:
        if self._halt and seen not in (None, self._halt.tag):
            raise Conflict("halt")
        stood, self._halt = self._halt, None
        return stood is not None
