"""Count the money of the orders that are on their way, for the page of on call."""

from __future__ import annotations

from collections.abc import Callable, Iterable

from fallback.domain.clock import Clock
from fallback.domain.incident.balance import Amounts
from fallback.domain.incident.incident import Span
from fallback.domain.incident.ports import Books, Incidents
from fallback.domain.incident.running_totals import MOST, Till, agreed, taken
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Order

ALL = Span(0)


def count_running_totals(*, books: Books, incidents: Incidents, clock: Clock) -> Till:
    """Raises TryAgain while the ledger is away."""
    incident = incidents.last()
    till = Till(
        clock(),
        waiting=_counted(books, ALL, Headline.WAITING, agreed),
        on_hold=_counted(books, ALL, Headline.ON_HOLD, agreed),
        captured=_counted(books, incident.span, Headline.SETTLED, taken) if incident else {},
    )
    books.keep_till(till)
    return till


def _counted(
    books: Books, span: Span, headline: Headline, count: Callable[[Iterable[Order]], Amounts]
) -> Amounts | None:
    refs = books.listed(span, headline)
    return count(books.orders(sorted(refs))) if len(refs) <= MOST else None
