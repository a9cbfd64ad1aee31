"""Erases personal data: when the customer asks for it, and automatically some time after our last message to them.

The order stays for accounting: its lines, sums, timeline and the shop's number contain no personal data.
"""

from __future__ import annotations

from collections.abc import Iterable, Sequence
from datetime import datetime
from typing import Protocol

from msgspec import Struct, structs

from fallback.domain.errors import FallbackError, NotAllowedNow
from fallback.domain.order.lifecycle import OPEN_NOTICE, is_over
from fallback.domain.order.order import Change, Event, Order


class StillOpen(FallbackError):
    """The customer has open orders, which cannot be finished without their data. `refs` names them."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(f"nothing is erased while these orders are open: {', '.join(refs)}")
        self.refs = tuple(refs)


class Erased(Struct, frozen=True):
    """`orders`: refs whose personal data is erased.

    `texts`: how many forms, remarks and webhooks about the customer were deleted.
    """

    orders: tuple[str, ...]
    texts: int


class PersonalData(Protocol):
    """Refs of finished orders whose customer got our last message before then, the oldest first."""

    def overdue(self, before: datetime, most: int) -> list[str]:
        """Orders that are over, whose customer heard from us last before then; those first that waited longest."""

    def forget(self, words: Iterable[str]) -> int:
        """Delete texts outside orders that contain one of these words: names, addresses, numbers. Returns how many."""

    def forget_on_disk(self) -> str:
        """Rewrite the log on disk without deleted data. Returns why that is impossible, or an empty string."""


def kept_since(order: Order) -> datetime | None:
    """Since when personal data is kept only for questions: our last message. None: it is still needed, or erased."""
    if order.customer is None or not is_over(order) or any(each.state in OPEN_NOTICE for each in order.notices):
        return None
    return max([order.received_at, *(notice.due_at for notice in order.notices)])


def erase(order: Order, who: str, now: datetime) -> Change | None:
    """None if the data is erased already. Raises NotAllowedNow while it is still needed."""
    if order.customer is None:
        return None
    if kept_since(order) is None:
        raise NotAllowedNow("open", "erase")
    return Change(structs.replace(order, customer=None), (Event(now, "erased", who),))


def words_about(orders: Iterable[Order]) -> set[str]:
    """The words that identify these customers in texts."""
    customers = [order.customer for order in orders if order.customer]
    return {word for each in customers for word in (each.name, each.email, each.phone) if word}
