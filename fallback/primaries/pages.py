"""Lists of orders, which every shop answers page by page."""

from __future__ import annotations

from abc import abstractmethod
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from datetime import UTC, datetime

from msgspec import Struct

from fallback.domain.errors import Refused
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import Primary
from fallback.primaries.calls import Calls

PAGE_SIZE = 50
# 1,000 orders of one person in a few days: whoever sends more does not narrow the list as we asked.
MOST_PAGES = 20


def listing(since: datetime, narrow: Mapping[str, str | None], after: str | None) -> dict[str, str]:
    """The query of such a list in our contract, which our plugins speak too."""
    asked = {**narrow, "since": since.astimezone(UTC).isoformat(), "limit": str(PAGE_SIZE), "after": after}
    return {name: value for name, value in asked.items() if value}


class Page(Struct, frozen=True):
    """`next`: where the page after it begins, in the shop's own terms; None on the last one."""

    orders: Sequence[PrimaryOrder]
    next: str | None = None


def pages(ask: Callable[[str | None], Page], turn: Callable[[], None] = lambda: None) -> Iterator[Page]:
    """Each is asked for when the one before was read; `ask` is given the `next` of that one. `turn` may wait."""
    after = None
    while True:
        turn()
        page = ask(after)
        yield page
        after = page.next
        if after is None:
            return


def all_on(pages: Iterable[Page], most: int = MOST_PAGES) -> list[PrimaryOrder]:
    """The orders of one purchase. Raises Refused('too_many_orders') rather than leave some out."""
    found: list[PrimaryOrder] = []
    for number, page in enumerate(pages, start=1):
        found += page.orders
        if page.next is not None and number == most:
            raise Refused("too_many_orders", f"the shop lists over {len(found)} orders for one purchase")
    return found


def each_on(pages: Iterable[Page]) -> Iterator[PrimaryOrder]:
    for page in pages:
        yield from page.orders


class ListsOrders(Primary):
    """A shop that lists its orders as our contract says: one with code of its own, or with one of our plugins."""

    _calls: Calls

    @abstractmethod
    def _page(self, query: Mapping[str, str], until: float | None = None) -> Page:
        """One page of the list. `query`: from `listing`. `until`: as in Calls.read."""

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All pages within one deadline. Raises Refused('too_many_orders') rather than leave some out."""
        until = self._calls.answered_by()
        narrow = {"cart_id": cart_id, "email": email, "phone": phone}
        return all_on(pages(lambda after: self._page(listing(since, narrow, after), until)))

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        """Each page has a deadline of its own, and is asked for when the one before was read."""
        return each_on(pages(lambda after: self._page(listing(since, {}, after)), turn))
