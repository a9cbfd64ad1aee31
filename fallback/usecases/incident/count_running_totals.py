"""Count the money of open orders for the on-call page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import NamedTuple, Protocol

from fallback.domain.incident.balance import Amounts
from fallback.domain.incident.incident import Span
from fallback.domain.incident.ports import Books, Incidents
from fallback.domain.incident.running_totals import MOST, RunningTotals, agreed, taken
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order
from fallback.usecases.deps import ClockDeps

ALL = Span(0)


class Deps(ClockDeps, Protocol):
    @property
    def books(self) -> Books: ...

    @property
    def incidents(self) -> Incidents: ...


class _Counted(NamedTuple):
    """As in RunningTotals."""

    sums: Amounts | None
    unread: int


def count_running_totals(deps: Deps) -> RunningTotals:
    """Raises TryAgain while the ledger is away."""
    incident = deps.incidents.last()
    waiting = _counted(deps.books, ALL, Headline.WAITING, agreed)
    on_hold = _counted(deps.books, ALL, Headline.ON_HOLD, agreed)
    captured = _counted(deps.books, incident.span, Headline.SETTLED, taken) if incident else _Counted({}, 0)
    unread = sum(each.unread for each in (waiting, on_hold, captured))
    totals = RunningTotals(deps.clock(), waiting.sums, on_hold.sums, captured.sums, unread)
    deps.books.keep_running_totals(totals)
    return totals


def _counted(books: Books, span: Span, headline: Headline, count: Callable[[Iterable[Order]], Amounts]) -> _Counted:
    refs = books.listed(span, headline)
    if len(refs) > MOST:
        return _Counted(None, 0)
    orders = books.orders(sorted(refs))
    return _Counted(count(orders), len(refs) - len(orders))
