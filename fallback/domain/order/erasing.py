"""Personal data is erased: when its customer asks for it, and by itself some time after the last word to her.

The order stays for the books: its lines, its sums, its timeline and the shop's number say nothing of her.
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
    """She has orders that are not over: without her data they could not be finished. `refs` names them."""

    def __init__(self, refs: Sequence[str]) -> None:
        super().__init__(f"nothing is erased while these are open: {', '.join(refs)}")
        self.refs = tuple(refs)


class Erased(Struct, frozen=True):
    """`orders`: the refs that say nothing of her any more. `texts`: forms, remarks and webhooks about her that went."""

    orders: tuple[str, ...]
    texts: int


class PersonalData(Protocol):
    """Where personal data is. Each call may raise TryAgain."""

    def overdue(self, before: datetime, most: int) -> list[str]:
        """Orders that are over, whose customer heard from us last before then; those first that waited longest."""

    def forget(self, words: Iterable[str]) -> int:
        """Erase what stands outside orders and has one of these words: names, addresses, numbers. How much it was."""

    def forget_on_disk(self) -> str:
        """The log on disk is written anew, without what is gone. Why that cannot be, or nothing."""


def kept_since(order: Order) -> datetime | None:
    """Since when her data is kept for nothing but questions: the last word to her. None: it is needed, or is erased."""
    if order.customer is None or not is_over(order) or any(each.state in OPEN_NOTICE for each in order.notices):
        return None
    return max([order.received_at, *(notice.due_at for notice in order.notices)])


def erase(order: Order, who: str, now: datetime) -> Change | None:
    """None if it is erased already. Raises NotAllowedNow while it is needed."""
    if order.customer is None:
        return None
    if kept_since(order) is None:
        raise NotAllowedNow("open", "erase")
    return Change(structs.replace(order, customer=None), (Event(now, "erased", who),))


def words_about(orders: Iterable[Order]) -> set[str]:
    """What names these customers in texts."""
    customers = [order.customer for order in orders if order.customer]
    return {word for her in customers for word in (her.name, her.email, her.phone) if word}
