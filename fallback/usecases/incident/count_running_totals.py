"""Count the money of open orders for the on-call page."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from typing import Protocol

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


def count_running_totals(deps: Deps) -> RunningTotals:
    """Raises TryAgain while the ledger is away."""
    incident = deps.incidents.last()
    totals = RunningTotals(
        deps.clock(),
        waiting=_counted(deps.books, ALL, Headline.WAITING, agreed),
        on_hold=_counted(deps.books, ALL, Headline.ON_HOLD, agreed),
        captured=_counted(deps.books, incident.span, Headline.SETTLED, taken) if incident else {},
    )
    deps.books.keep_running_totals(totals)
    return totals


def _counted(
    books: Books, span: Span, headline: Headline, count: Callable[[Iterable[Order]], Amounts]
) -> Amounts | None:
    refs = books.listed(span, headline)
    return count(books.orders(sorted(refs))) if len(refs) <= MOST else None
