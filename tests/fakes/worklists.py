"""What waits for a person, from the orders in memory."""

from __future__ import annotations

from collections.abc import Iterable

from fallback.domain.lifecycle import is_over, next_word_by
from fallback.domain.order import Order
from fallback.domain.owners import owner_of
from tests.fakes.ledger import FakeLedger


class FakeWorklists:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def of(self, name: str) -> list[Order]:
        return sorted((order for order in self._open() if owner_of(order) == name), key=next_word_by)

    def handed_to(self, names: Iterable[str]) -> list[Order]:
        wanted = set(names)
        return [order for order in self._open() if order.handover and order.handover.to in wanted]

    def calls(self) -> list[Order]:
        return [order for order in self._open() if order.callback]

    def _open(self) -> list[Order]:
        return [order for order in map(self._ledger.load, self._ledger.refs()) if not is_over(order)]
