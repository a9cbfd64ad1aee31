"""The rows of the order lists. The first page is in groups: what needs the viewer, what needs others, the rest."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import datetime

from markupsafe import Markup

from fallback.domain.order.hold_names import HOLD_NAMES
from fallback.domain.order.lifecycle import headline, promised
from fallback.domain.order.order import Order
from fallback.domain.order.unread import count
from fallback.domain.support.owners import owner_of
from fallback.ledger.order.views import EVERYTHING, OrderFilter, PageOfOrders, Place, Views
from fallback.web.console.order.rows import asked, name_of
from fallback.web.http.voice import N_, Voice
from fallback.web.purchase import order_words

# Rows of the groups above the list; a link leads to the others.
GROUPED = 10

NEEDS_YOU = N_("Needs you")
NEEDS_SOMEBODY = N_("Needs a colleague")
OTHERS = N_("Other orders, newest first")


@dataclass(frozen=True)
class ListRow:
    """`version`: as shown, so that a choice made on this list is checked against it. `at`: when it was received.

    `asked`: open questions, in the customer's own words; `waits`: what else it waits for. `owner` and `due`: who is to
    update the customer, and when, as long as somebody is.
    """

    ref: str
    version: int
    headline: str
    name: str
    customer: str
    goods: str
    amount: str
    at: Markup
    waits: list[str]
    asked: list[str]
    owner: str
    due: str
    overdue: bool


@dataclass(frozen=True)
class Group:
    """`chosen`: the filter that lists all of them. `more`: whether there are more than these."""

    title: str
    chosen: OrderFilter
    rows: list[Order]
    more: bool


@dataclass(frozen=True)
class Listed:
    """The orders of one page. `above`: the groups above the list. `versions`: as the function of this name has them.

    `unread`: how many orders belong on it and cannot be read.
    """

    above: list[Group]
    page: PageOfOrders
    versions: list[list[tuple[str, int]]]
    unread: int


def read(views: Views, wanted: OrderFilter, after: Place | None, limit: int, me: str) -> Listed:
    """The first page without a filter is grouped; there an order is in one group only."""
    page = views.page(wanted, after, limit)
    above, shown, seen = list[Group](), set[str](), list[PageOfOrders]()
    for title, chosen in _groups(wanted, after, me):
        found = views.page(chosen, None, GROUPED)
        seen.append(found)
        rows = [order for order in found.rows if order.ref not in shown]
        shown |= {order.ref for order in rows}
        if rows:
            above.append(Group(title, chosen, rows, found.next is not None))
    rest = [order for order in page.rows if order.ref not in shown]
    pages = [*seen, page]
    unread = count(*(each.unread for each in pages))
    return Listed(above, PageOfOrders(rest, page.next, page.unread), [_versions(each) for each in pages], unread)


def _versions(page: PageOfOrders) -> list[tuple[str, int]]:
    return [(order.ref, order.version) for order in page.rows]


def versions(
    views: Views, wanted: OrderFilter, after: Place | None, limit: int, me: str
) -> list[list[tuple[str, int]]]:
    """Changes whenever `read` would return something else, and loads no order."""
    above = [views.versions(chosen, None, GROUPED) for _, chosen in _groups(wanted, after, me)]
    return [*above, views.versions(wanted, after, limit)]


def _groups(wanted: OrderFilter, after: Place | None, me: str) -> list[tuple[str, OrderFilter]]:
    if wanted != EVERYTHING or after:
        return []
    return [(NEEDS_YOU, OrderFilter(owner=me)), (NEEDS_SOMEBODY, OrderFilter(promised=True))]


def list_rows(orders: Sequence[Order], voice: Voice, now: datetime) -> list[ListRow]:
    return [_row(order, voice, now) for order in orders]


def _row(order: Order, voice: Voice, now: datetime) -> ListRow:
    state, owner, by = headline(order), owner_of(order), promised(order)
    return ListRow(
        ref=order.ref,
        version=order.version,
        headline=state,
        name=voice.say(order_words.NAMES[state]),
        customer=order.customer.name if order.customer else "",
        goods=_goods(order),
        amount=voice.money(order.payment.amount, order.currency),
        at=voice.age(order.received_at, now),
        waits=[voice.say(HOLD_NAMES[hold.code]) for hold in order.holds if not asked(order, hold)],
        asked=[question for hold in order.holds if (question := asked(order, hold))],
        owner=name_of(owner, voice) if owner and by else "",
        due=_due(by, now, voice) if by else "",
        overdue=by is not None and by < now,
    )


def _goods(order: Order) -> str:
    """The first line, and how many others there are."""
    first, *others = order.lines
    title = f"{first.quantity}\N{NO-BREAK SPACE}× {first.title}" if first.quantity > 1 else first.title
    return f"{title} + {len(others)}" if others else title


def _due(by: datetime, now: datetime, voice: Voice) -> str:
    if by < now:
        return voice.say(N_("%(time)s late"), time=voice.duration(now - by))
    return voice.say(N_("update due in %(time)s"), time=voice.duration(by - now))
