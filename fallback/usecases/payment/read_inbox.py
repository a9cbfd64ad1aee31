"""The inbox: news about orders that are not here, oldest first. What has come to its end goes."""

from __future__ import annotations

from collections.abc import Callable

from fallback.domain.clock import Clock
from fallback.domain.errors import UnknownOrder
from fallback.domain.order.ledger import Ledger
from fallback.domain.payment import inbox
from fallback.domain.payment.inbox import Unclaimed


def read_inbox(*, ledger: Ledger) -> list[Unclaimed]:
    found = (inbox.unpack(payload) for payload in ledger.unclaimed().values())
    return sorted((event for event in found if event), key=lambda event: event.at)


def sweep_inbox(*, ledger: Ledger, clock: Clock, clocks_agree: Callable[[], bool]) -> None:
    """Drop what is over, and what belongs to an order that is here after all: a backup was restored meanwhile."""
    if not clocks_agree():
        return
    now = clock()
    events = [(event_id, inbox.unpack(payload)) for event_id, payload in ledger.unclaimed().items()]
    ledger.drop_unclaimed(
        [event_id for event_id, event in events if inbox.is_over(event, now) or _is_here(event, ledger)]
    )


def _is_here(event: Unclaimed | None, ledger: Ledger) -> bool:
    try:
        return event is not None and bool(ledger.load(event.ref))
    except UnknownOrder:
        return False
