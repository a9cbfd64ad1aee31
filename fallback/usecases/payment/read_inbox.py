"""The inbox: news about orders that are not here, oldest first. Expired entries are dropped."""

from __future__ import annotations

from collections.abc import Callable
from typing import Protocol

from fallback.domain.errors import UnknownOrder, Unreadable
from fallback.domain.order.ledger import Ledger
from fallback.domain.payment import inbox
from fallback.domain.payment.inbox import Unclaimed
from fallback.usecases.deps import OrderDeps


class ReadDeps(Protocol):
    @property
    def ledger(self) -> Ledger: ...


class SweepDeps(OrderDeps, Protocol):
    @property
    def clocks_agree(self) -> Callable[[], bool]: ...


def read_inbox(deps: ReadDeps) -> list[Unclaimed]:
    found = (inbox.unpack(payload) for payload in deps.ledger.unclaimed().values())
    return sorted((event for event in found if event), key=lambda event: event.at)


def sweep_inbox(deps: SweepDeps) -> None:
    """Drop expired entries, and those whose order exists after all, because a backup was restored meanwhile."""
    if not deps.clocks_agree():
        return
    now = deps.clock()
    events = [(event_id, inbox.unpack(payload)) for event_id, payload in deps.ledger.unclaimed().items()]
    deps.ledger.drop_unclaimed(
        [event_id for event_id, event in events if inbox.is_over(event, now) or _is_here(event, deps.ledger)]
    )


def _is_here(event: Unclaimed | None, ledger: Ledger) -> bool:
    try:
        return event is not None and bool(ledger.load(event.ref))
    except (UnknownOrder, Unreadable):
        return False
