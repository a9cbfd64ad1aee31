"""What stands beside the ledger, in memory: lists, the mode, readiness."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable

from fallback.domain.lifecycle import Headline, headline
from fallback.domain.mode import ModeState
from fallback.domain.order import Order
from fallback.ledger.modes import AT_FIRST
from fallback.ledger.views import Page
from tests.fakes.ledger import FakeLedger


class FakeViews:
    """The accept sequence of an order is its place among all that the ledger has."""

    def __init__(self, ledger: FakeLedger) -> None:
        self._ledger = ledger

    def newest(self, before: int | None = None, limit: int = 50, headline: Headline | None = None) -> Page:
        orders = [(number, self._ledger.load(ref)) for number, ref in enumerate(self._ledger.refs(), start=1)]
        found = [(number, order) for number, order in reversed(orders) if _fits(number, order, before, headline)]
        following = found[limit - 1][0] if limit and len(found) > limit else None
        return Page([order for _, order in found[:limit]], following, self._counts(order for _, order in orders))

    def by_ref(self, ref: str) -> Order:
        return self._ledger.load(ref)

    def _counts(self, orders: Iterable[Order]) -> dict[Headline, int]:
        counted = Counter(headline(order) for order in orders)
        return {each: counted[each] for each in Headline}


def _fits(number: int, order: Order, before: int | None, wanted: Headline | None) -> bool:
    return (before is None or number < before) and wanted in (None, headline(order))


class FakeModes:
    def __init__(self) -> None:
        self._log = [AT_FIRST]

    def read(self) -> ModeState:
        return self._log[0]

    def switch(self, state: ModeState) -> None:
        self._log.insert(0, state)

    def log(self) -> list[ModeState]:
        return self._log[:-1]


class FakeReadiness:
    """Ready until a test names problems."""

    def __init__(self) -> None:
        self.found: tuple[str, ...] = ()

    def problems(self) -> tuple[str, ...]:
        return self.found
