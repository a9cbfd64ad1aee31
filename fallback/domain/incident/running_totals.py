"""The money of open orders, counted each minute by the clock process for the on-call page."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable
from datetime import datetime, timedelta

from msgspec import Struct

from fallback.domain.incident.balance import Amounts
from fallback.domain.order.order import Order

EVERY = timedelta(minutes=1)
# The most orders of one kind that are read at once: Redis answers within 20 ms. For more, see the balance sheet.
MOST = 2_000


class RunningTotals(Struct, frozen=True):
    """In minor units by currency; None: too many orders to count each minute.

    `waiting`: of orders that wait for the shop; `on_hold`: of orders on hold; `captured`: captured for the settled
    orders of the last incident. `unread`: how many of all these could not be read.
    """

    counted_at: datetime
    waiting: Amounts | None
    on_hold: Amounts | None
    captured: Amounts | None
    unread: int = 0


def agreed(orders: Iterable[Order]) -> Amounts:
    return _sum((order.currency, order.payment.amount) for order in orders)


def taken(orders: Iterable[Order]) -> Amounts:
    return _sum((order.currency, order.payment.captured) for order in orders)


def _sum(amounts: Iterable[tuple[str, int]]) -> Amounts:
    found: Counter[str] = Counter()
    for currency, amount in amounts:
        found[currency] += amount
    return dict(found)
