"""The way back to her orders: who asks for it gets it at the address that we know, and nobody else learns anything."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order

# As many as a person looks for; an older one is found with its ref.
MOST_ORDERS = 5
# Nobody can fill another's mailbox.
PAUSE = timedelta(minutes=10)
A_DAY, MOST_A_DAY = timedelta(days=1), 5


class RenewalRequest(Struct, frozen=True):
    """Somebody asked for the orders of this address. `ref`: the one she knows of, or empty."""

    email: str
    ref: str = ""


class Renewals(Protocol):
    """What was asked waits here for the clock, so that the answer takes the same time for every address.

    Each call may raise TryAgain.
    """

    def ask(self, asked: RenewalRequest) -> None: ...

    def take(self, most: int) -> list[RenewalRequest]:
        """Oldest first. What a crash loses is asked again by who waits for it."""


def orders_for(asked: RenewalRequest, refs: Sequence[str]) -> tuple[str, ...]:
    """The orders that the mail leads to, of all those of this address, newest first."""
    return (asked.ref,) if asked.ref in refs else tuple(refs[:MOST_ORDERS])


def renew(order: Order, others: tuple[str, ...], now: datetime) -> Change | None:
    """Send the way back to this order and `others` to its customer. None: she has got it often enough."""
    sent = [notice.due_at for notice in order.notices if notice.kind is NoticeKind.LINKS]
    if sum(at > now - A_DAY for at in sent) >= MOST_A_DAY or any(at > now - PAUSE for at in sent):
        return None
    order = queue_notice(order, NoticeKind.LINKS, now, refs=others)
    return Change(order, (Event(now, "links_renewed", "worker"),))
