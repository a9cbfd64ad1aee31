"""What waits for a person, from the orders in memory."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import datetime

from fallback.domain.order.lifecycle import is_over, next_word_by
from fallback.domain.order.order import Order
from fallback.domain.order.unread import Found, Unread
from fallback.domain.support.late import Finish, finished_by_customer, is_help
from fallback.domain.support.owners import owner_of
from tests.fakes.ledger import FakeLedger


class FakeWorklists:
    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def of(self, name: str) -> Found:
        return _all(sorted((order for order in self._open() if owner_of(order) == name), key=next_word_by))

    def handed_to(self, names: Iterable[str]) -> Found:
        sent = sorted((order for order in self._open() if order.handover), key=lambda order: order.handover.accept_by)
        return _all([order for name in names for order in sent if order.handover.to == name])

    def calls(self) -> Found:
        return _all(sorted((order for order in self._open() if order.callback), key=lambda order: order.callback.at))

    def finished_with(self, name: str, since: datetime) -> tuple[list[tuple[Order, Finish]], Unread]:
        found = []
        for order in map(self._ledger.load, self._ledger.refs()):
            timeline = self._ledger.timeline(order.ref)
            finish = finished_by_customer(order, timeline)
            moments = [event.at for event in timeline if event.who == name and is_help(event)]
            if finish and name in finish.helped and max(moments) >= since:
                found.append((max(moments), order, finish))
        newest = sorted(found, key=lambda each: each[0], reverse=True)
        return [(order, finish) for _, order, finish in newest], Unread([], [])

    def _open(self) -> list[Order]:
        return [order for order in map(self._ledger.load, self._ledger.refs()) if not is_over(order)]


def _all(orders: list[Order]) -> Found:
    return Found(orders, Unread([], []))
