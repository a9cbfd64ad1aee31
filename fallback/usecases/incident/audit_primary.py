"""Check that the shop has the orders it must have, and none that it must not have. A person handles differences.

Lost orders are put on hold, and the hand-over of orders is halted. An order that is over here but still in the shop is
cancelled there.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from contextlib import suppress
from datetime import datetime
from functools import partial
from typing import Protocol

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain, Unreadable
from fallback.domain.incident.audit import LOOKS_BACK, Audit, Halt
from fallback.domain.incident.balance import Side
from fallback.domain.incident.comparison import AT_ONCE, CLOCK_SKEW, really_missing
from fallback.domain.incident.incident import ITSELF, Entry, IncidentEvent, Span, told
from fallback.domain.incident.lost_orders import (
    is_known,
    is_over_here,
    lost_by_shop,
    must_not_be_there,
    should_be_there,
    still_there,
)
from fallback.domain.incident.ports import Books, Halts, Incidents
from fallback.domain.incident.watching import Watch, unwatched
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.outage.beside import Beside, SideQuestion
from fallback.domain.payment.agreeing import put_right
from fallback.domain.placement.matching import CANCELLED, PrimaryOrder
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def beside(self) -> Beside: ...

    @property
    def books(self) -> Books: ...

    @property
    def desk(self) -> str: ...

    @property
    def halts(self) -> Halts: ...

    @property
    def incidents(self) -> Incidents: ...


def audit_primary(
    deps: Deps, since: datetime | None = None, although_paused: bool = False, watch: Watch = unwatched
) -> Audit:
    """Audits orders received since then; by default as far back as LOOKS_BACK.

    Raises TryAgain while the ledger is away.

    The captured sum of each order has to match its price, too. The drain is halted before the first order is put on
    hold: a shop that loses orders would lose those handed over, too.
    """
    now = deps.clock()
    since = since or now - LOOKS_BACK
    expected, money, span = set(), [], deps.books.since(since)
    accepted, read = deps.books.accepted(span), 0
    # Without those accepted meanwhile: they would make up for some that cannot be read.
    for order, _ in watch(Side.LEDGER, deps.books.scan(Span(span.after, span.after + accepted)), accepted):
        read += 1
        if should_be_there(order):
            expected.add(order.ref)
        if put_right(order, now, deps.desk):
            money.append(order.ref)
    for order in _loaded(deps.ledger, money):
        record(deps.ledger, order, partial(put_right, now=now, owner=deps.desk))
    checked, wrong, unread = len(expected), tuple(money), max(0, accepted - read)
    try:
        with deps.beside(although_paused) as primary:
            others = _others(watch(Side.SHOP, primary.placed_since(since - CLOCK_SKEW)), expected)
            missing = list(really_missing(primary, sorted(expected)))
            standing = dict(_standing(primary, others, deps.books, deps.ledger))
    except (TryAgain, OutcomeUnknown, Refused) as error:
        audit = Audit(now, since, checked, why_not=str(error), money=wrong, unread=unread)
        deps.books.keep_audit(audit)
        return audit
    orders = [order for order in _read(deps.books, missing) if should_be_there(order)]
    lost = tuple(order.ref for order in orders)
    news = [order for order in _loaded(deps.ledger, lost) if should_be_there(order) and not is_known(order)]
    if news:
        _halt(len(news), now, deps.incidents, deps.halts)
    for order in news:
        record(deps.ledger, order, partial(lost_by_shop, now=now, owner=deps.desk))
    for order in _loaded(deps.ledger, standing):
        record(deps.ledger, order, partial(still_there, there=standing[order.ref], now=now, owner=deps.desk))
    audit = Audit(now, since, checked, lost, len(news), standing=tuple(standing), money=wrong, unread=unread)
    deps.books.keep_audit(audit)
    return audit


def _others(listed: Iterable[PrimaryOrder], expected: set[str]) -> list[str]:
    """Removes what the shop lists from `expected`; returns our refs that the shop has in addition."""
    others = []
    for there in listed:
        if there.ref in expected:
            expected.discard(there.ref)
        elif there.ref and there.status != CANCELLED:
            others.append(there.ref)
    return others


def _standing(
    primary: SideQuestion, refs: list[str], books: Books, ledger: Ledger
) -> Iterator[tuple[str, PrimaryOrder]]:
    """The orders that must not be in the shop, each read from the shop again."""
    for order in filter(is_over_here, _read(books, refs)):
        there = primary.find(order.ref)
        [present] = [*_loaded(ledger, [order.ref])] or [order]
        if there and must_not_be_there(present, there):
            yield order.ref, there


def _read(books: Books, refs: list[str]) -> Iterator[Order]:
    for first in range(0, len(refs), AT_ONCE):
        yield from books.orders(refs[first : first + AT_ONCE])


def _loaded(ledger: Ledger, refs: Iterable[str]) -> Iterator[Order]:
    """Those that can be written: an order whose personal data cannot be read is named only, and not put on hold."""
    for ref in refs:
        with suppress(Unreadable):
            yield ledger.load(ref)


def _halt(count: int, now: datetime, incidents: Incidents, halts: Halts) -> None:
    lost = "1 order" if count == 1 else f"{count} orders"
    reason = f"The shop has lost {lost} that it had before. Was an older backup restored?"
    last = incidents.last()
    if halts.halt(Halt(now, ITSELF, reason)) and last:
        incidents.change(last.id, partial(told, entry=Entry(now, IncidentEvent.HALTED, ITSELF, reason)))
