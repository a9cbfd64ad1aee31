"""What stands beside the ledger, in memory: lists, searches, the mode."""

from __future__ import annotations

import sys
from collections import Counter
from collections.abc import Iterable, Iterator

from fallback.domain import phones
from fallback.domain.errors import Conflict
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline, next_word_by, promised
from fallback.domain.order.order import Order
from fallback.domain.order.refs import GROUP, LEAST_PART, groups, parse_parts, parse_ref
from fallback.domain.order.unread import Found, Unread
from fallback.domain.outage.mode import AT_FIRST, ModeState
from fallback.domain.plain_text import visible
from fallback.domain.support.owners import owner_of
from fallback.ledger.order.search import LONGEST
from fallback.ledger.order.views import EVERYTHING, Counts, OrderFilter, PageOfOrders, Place
from tests.fakes.ledger import FakeLedger


class FakeViews:
    """The accept sequence of an order is its place among all that the ledger has."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def page(self, wanted: OrderFilter = EVERYTHING, after: Place | None = None, limit: int = 50) -> PageOfOrders:
        fitting = [(number, order) for number, order in self._numbered() if _fits(order, number, wanted)]
        if (wanted.hold or wanted.owner or wanted.promised) and not wanted.email:
            places = sorted(Place(next_word_by(order).timestamp(), order.ref) for _, order in fitting)
            later = [place for place in places if after is None or place > after]
        else:
            places = [Place(number, order.ref) for number, order in reversed(fitting)]
            later = [place for place in places if after is None or place < after]
        shown = later[:limit]
        following = shown[-1] if len(later) > limit else None
        return PageOfOrders([self._ledger.load(place.ref) for place in shown], following, Unread([], []))

    def each(self, wanted: OrderFilter = EVERYTHING, limit: int = sys.maxsize) -> Iterator[Order]:
        yield from self.page(wanted, limit=limit).rows

    def pages(self, wanted: OrderFilter = EVERYTHING, limit: int = sys.maxsize) -> Iterator[PageOfOrders]:
        yield self.page(wanted, limit=limit)

    def counts(self, owner: str = "") -> Counts:
        orders = [order for _, order in self._numbered()]
        headlines = Counter(headline(order) for order in orders)
        holds = Counter(hold.code for order in orders for hold in order.holds)
        waiting = sum(promised(order) is not None for order in orders)
        owned = sum(owner_of(order) == owner for order in orders if owner)
        return Counts(
            {each: headlines[each] for each in Headline}, {code: holds[code] for code in HoldCode}, waiting, owned
        )

    def versions(
        self, wanted: OrderFilter = EVERYTHING, after: Place | None = None, limit: int = 50
    ) -> list[tuple[str, int]]:
        return [(order.ref, order.version) for order in self.page(wanted, after, limit).rows]

    def _numbered(self) -> list[tuple[int, Order]]:
        return [(number, self._ledger.load(ref)) for number, ref in enumerate(self._ledger.refs(), start=1)]


def _fits(order: Order, number: int, wanted: OrderFilter) -> bool:
    return (
        wanted.headline in (None, headline(order))
        and (wanted.hold is None or wanted.hold in {hold.code for hold in order.holds})
        and wanted.owner in ("", owner_of(order))
        and (not wanted.promised or promised(order) is not None)
        and (not wanted.email or _email(order) == wanted.email.lower())
        and (wanted.before is None or order.received_at < wanted.before)
        and (wanted.since is None or order.received_at >= wanted.since)
        and (wanted.span is None or wanted.span.after < number <= (wanted.span.upto or number))
    )


def _email(order: Order) -> str:
    return order.customer.email.lower() if order.customer else ""


class FakeSearch:
    """Without an index: every order is asked about all that it may be found by."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def find(self, text: str, limit: int = 50) -> Found:
        return Found(self._find(text, limit), Unread([], []))

    def _find(self, text: str, limit: int) -> list[Order]:
        text = visible(text).strip()[:LONGEST]
        orders = [self._ledger.load(ref) for ref in reversed(self._ledger.refs())]
        if ref := parse_ref(text):
            return [order for order in orders if order.ref == ref]
        heard = _heard(text, [order.ref for order in orders])
        return [order for order in orders if order.ref in heard or _is_named(order, text)][:limit]


def _heard(text: str, refs: list[str]) -> set[str]:
    """Those of these refs that have a group that begins so; else, if both groups were heard, those that have one."""
    read = parse_parts(text)
    exact = {ref for ref in refs if _has(ref, read)}
    both = [letters for letters in read if len(letters) >= GROUP + LEAST_PART]
    return exact or {ref for ref in refs for each in both if _has(ref, [each[:GROUP], each[GROUP : 2 * GROUP]])}


def _has(ref: str, read: Iterable[str]) -> bool:
    return any(group.startswith(letters) for group in groups(ref) for letters in read)


def _is_named(order: Order, text: str) -> bool:
    customer, asked = order.customer, phones.plain(text)
    if text == order.cart_id or text.lstrip("#").casefold() == (order.placement.number or "").casefold() != "":
        return True
    if customer is None:
        return False
    if "@" in text:
        return customer.email.lower() == text.lower()
    return bool(customer.phone) and phones.same(customer.phone or "", customer.address.country, asked)


class FakeModes:
    def __init__(self) -> None:
        self._log = [AT_FIRST]

    def read(self) -> ModeState:
        return self._log[0]

    def switch(self, state: ModeState, instead_of: ModeState | None = None) -> None:
        if instead_of and instead_of != self.read():
            raise Conflict("mode")
        self._log.insert(0, state)

    def log(self) -> list[ModeState]:
        return self._log[:-1]
