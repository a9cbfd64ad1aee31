"""The port Primary over Vendure's Admin API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, Duplicates, Health, Primary
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.graphql import Documents, shaped
from fallback.primaries.vendure.answers import Answer, QuoteAnswer
from fallback.primaries.vendure.bodies import change_input, draft_input, place_input
from fallback.primaries.vendure.documents import AMEND, HEALTH, QUOTE, WITHDRAW
from fallback.primaries.vendure.payments import Payments
from fallback.primaries.vendure.placing import placed
from fallback.primaries.vendure.reading import all_since, of_a_cart, of_a_person, of_a_phone, with_ref
from fallback.primaries.vendure.session import Overtaken, Session

# Not 'unpaid': the shop's own unpaid order is the basket.
CAN = frozenset(
    {"amend", "cancel", "slots", "contact", "phone", "quotes", "tombstones", "numbered", "payments", "honours_prices"}
)


class VendurePrimary(Primary):
    """Threads share one instance."""

    def __init__(self, session: Session, calls: Calls) -> None:
        self._session = session
        self._calls = calls
        self._shop = Documents(session.ask, calls)

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        self._read(HEALTH, {})
        return Health(Duplicates.ENFORCED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = with_ref(self._read, ref)
        return there.as_told() if there else None

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All looks within one deadline."""
        until = self._calls.answered_by()

        def ask(document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
            return self._read(document, variables, until)

        found = of_a_cart(ask, cart_id, since)
        if email:
            found += of_a_person(ask, email, since)
        if phone:
            found += of_a_phone(ask, phone, since)
        return [order.as_told() for order in {order.id: order for order in found}.values()]

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        for order in all_since(self._read, since, turn):
            yield order.as_told()

    def place(self, order: Order) -> PrimaryOrder:
        return placed(Documents(self._session.ask, Saga(self._calls)), order).as_told()

    def quote(self, order: Order) -> Quote:
        """The plugin makes the order up to its payment, and undoes it."""
        asked = {"draft": draft_input(order), "place": place_input(order)}
        return shaped(self._read(QUOTE, asked)["fallbackQuote"], QuoteAnswer).as_told()

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        """One call of the plugin's, which is one transaction: of an older change and a newer one the newer stays."""
        with _nothing_written():
            answer = self._shop.write(AMEND, {"input": change_input(order, names)})
            return shaped(answer["fallbackAmend"], Answer).there().as_told()

    def cancel(self, ref: str) -> Cancellation:
        """One call of the plugin's: it cancels what is there, half-made or not, and leaves a tombstone."""
        with _nothing_written():
            answer = self._shop.write(WITHDRAW, {"ref": ref})
        there = shaped(answer["fallbackWithdraw"], Answer).accepted()
        return Cancellation(ref, CANCELLED, there.code if there else None)

    def payment_changed(self, order: Order) -> None:
        try:
            Payments(Documents(self._session.ask, Saga(self._calls)), order).tell()
        except Overtaken as overtaken:
            raise OutcomeUnknown(f"what was being changed was removed: {overtaken}") from overtaken

    def _read(self, document: str, variables: Mapping[str, Any], until: float | None = None) -> dict[str, Any]:
        with _nothing_written():
            return self._shop.read(document, variables, until)


@contextmanager
def _nothing_written() -> Iterator[None]:
    """Whoever was overtaken by another call may look again."""
    try:
        yield
    except Overtaken as overtaken:
        raise TryAgain(str(overtaken)) from overtaken
