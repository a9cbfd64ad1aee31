"""Recount the orders of an incident or of standby; compare with our indexes, the payment provider and the shop."""

from __future__ import annotations

from collections.abc import Callable, Collection
from contextlib import suppress
from itertools import chain
from typing import Protocol

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain, Unreadable
from fallback.domain.incident.balance import Balance, Count, Difference, DifferenceCode, Side
from fallback.domain.incident.comparison import with_indexes, with_provider, with_shop
from fallback.domain.incident.incident import Incident, Span
from fallback.domain.incident.ports import Books, Incidents
from fallback.domain.incident.standby import incident_or_standby
from fallback.domain.incident.watching import Watch, unwatched
from fallback.domain.order.exposure import Exposures
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change
from fallback.domain.order.record import record
from fallback.domain.outage.beside import Beside
from fallback.domain.payment.gateway import PaymentGateway
from fallback.domain.payment.moves import with_payment
from fallback.usecases.deps import OrderDeps

TOLD_BY_THE_PAYMENT = frozenset({DifferenceCode.CAPTURED, DifferenceCode.REFUNDED})


class Deps(OrderDeps, Protocol):
    @property
    def beside(self) -> Beside: ...

    @property
    def books(self) -> Books: ...

    @property
    def exposures(self) -> Exposures: ...

    @property
    def gateway(self) -> PaymentGateway: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def nobody(self) -> Collection[str]: ...


def count_balance(deps: Deps, incident_id: str, watch: Watch = unwatched) -> Balance:
    """The balance sheet, which is stored for the incident's page and names sources that did not answer.

    `watch`: sees what is read. Raises UnknownIncident, and TryAgain while the ledger is away.
    """
    now = deps.clock()
    incident = incident_or_standby(incident_id, deps.incidents, deps.books, now)
    # Orders that arrive during the count belong to the next count.
    spans = [Span(span.after, span.after + deps.books.accepted(span)) for span in incident.spans]
    accepted = sum(map(deps.books.accepted, spans))
    count = Count(incident.id, deps.nobody)
    for order, timeline in watch(Side.LEDGER, chain.from_iterable(map(deps.books.scan, spans)), accepted):
        count.add(order, timeline)
    found = [*count.differences, *with_indexes(count, spans, accepted, incident.id, deps.books, deps.ledger)]
    unasked: dict[Side, str] = {}
    sides: dict[Side, Callable[[], list[Difference]]] = {
        Side.PROVIDER: lambda: with_provider(
            count.figures, deps.gateway, deps.books, deps.ledger, incident.began, watch
        ),
        Side.SHOP: lambda: _with_shop(count, deps.beside, deps.books, deps.ledger, incident, watch),
    }
    for side, compare in sides.items():
        try:
            found += compare()
        except (TryAgain, OutcomeUnknown, Refused) as error:
            unasked[side] = str(error)
    for ref in {each.ref for each in found if each.side is Side.PROVIDER and each.code in TOLD_BY_THE_PAYMENT}:
        # Its events were lost, for example that of a capture by hand: a shift reads the payment.
        with suppress(Unreadable):
            record(deps.ledger, deps.ledger.load(ref), lambda order: Change(with_payment(order, due_at=now), ()))
    refused = incident.refused if incident.ended else deps.exposures.read().refused
    balance = count.balance(now, accepted, found, unasked, refused)
    deps.books.keep(balance)
    return balance


def _with_shop(
    count: Count, beside: Beside, books: Books, ledger: Ledger, incident: Incident, watch: Watch
) -> list[Difference]:
    """Reads at the pace of the drain, even while that is paused, because a person requested the count."""
    with beside(True) as primary:
        return with_shop(count.figures, primary, books, ledger, incident.began, watch)
