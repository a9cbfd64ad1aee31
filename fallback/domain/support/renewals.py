"""New links to a customer's orders: sent only to the address that we know, and revealing nothing to anybody else."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order

# As many as a person looks for; an older order is found by its ref.
MOST_ORDERS = 5
# So that nobody can flood another person's mailbox.
PAUSE = timedelta(minutes=10)
A_DAY, MOST_A_DAY = timedelta(days=1), 5


class RenewalRequest(Struct, frozen=True):
    """A request for the orders of this address. `ref`: an order that the customer knows of, or empty."""

    email: str
    ref: str = ""


class Renewals(Protocol):
    """Requests wait here for the clock process, so that the response takes the same time for every address.

    Each call may raise TryAgain.
    """

    def ask(self, asked: RenewalRequest) -> None: ...

    def take(self, most: int) -> list[RenewalRequest]:
        """Oldest first. Requests lost in a crash are repeated by the customer."""


def orders_for(asked: RenewalRequest, refs: Sequence[str]) -> tuple[str, ...]:
    """The orders that the mail links to, out of all orders of this address, newest first."""
    return (asked.ref,) if asked.ref in refs else tuple(refs[:MOST_ORDERS])


def renew(order: Order, others: tuple[str, ...], now: datetime) -> Change | None:
    """Send links to this order and `others` to its customer. None: they have got them often enough."""
    sent = [notice.due_at for notice in order.notices if notice.kind is NoticeKind.LINKS]
    if sum(at > now - A_DAY for at in sent) >= MOST_A_DAY or any(at > now - PAUSE for at in sent):
        return None
    order = queue_notice(order, NoticeKind.LINKS, now, refs=others)
    return Change(order, (Event(now, "links_renewed", "worker"),))
