"""The port Primary over Vendure's Admin API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder
from fallback.domain.placement.primary import AGREED, Duplicates, Health, Primary
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.graphql import Documents, shaped
from fallback.primaries.vendure.amending import Amending
from fallback.primaries.vendure.answers import Answer
from fallback.primaries.vendure.documents import HEALTH, WITHDRAW
from fallback.primaries.vendure.payments import Payments
from fallback.primaries.vendure.placing import Placing
from fallback.primaries.vendure.reading import all_since, of_a_cart, of_a_person, with_ref
from fallback.primaries.vendure.session import Overtaken, Session

# Not 'contact': the order's e-mail address is that of its customer, who may have an account with it. Not 'numbered': a
# change is several calls, and Vendure compares no number. Not 'unpaid': the shop's own unpaid order is the basket.
CAN = frozenset({"amend", "cancel", "slots", "tombstones", "payments", "honours_prices"})


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
        """Both looks within one deadline."""
        until = self._calls.answered_by()

        def ask(document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
            return self._read(document, variables, until)

        found = of_a_cart(ask, cart_id, since)
        if email:
            found += of_a_person(ask, email, since)
        return [order.as_told() for order in {order.id: order for order in found}.values()]

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        for order in all_since(self._read, since, turn):
            yield order.as_told()

    def place(self, order: Order) -> PrimaryOrder:
        return Placing(self._saga(), order).placed().as_told()

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        with _nothing_removed():
            return Amending(self._saga(), order).amended().as_told()

    def cancel(self, ref: str) -> Cancellation:
        """One call of the plugin's: it cancels what is there, half-made or not, and leaves a tombstone."""
        answer = self._shop.write(WITHDRAW, {"ref": ref})
        said = shaped(answer["fallbackWithdraw"], Answer)
        if said.refusal:
            raise Refused(said.refusal, said.detail or "")
        return Cancellation(ref, CANCELLED, said.order.code if said.order else None)

    def payment_changed(self, order: Order) -> None:
        with _nothing_removed():
            Payments(self._saga(), order).tell()

    def _saga(self) -> Documents:
        return Documents(self._session.ask, Saga(self._calls))

    def _read(self, document: str, variables: Mapping[str, Any], until: float | None = None) -> dict[str, Any]:
        try:
            return self._shop.read(document, variables, until)
        except Overtaken as overtaken:
            raise TryAgain(str(overtaken)) from overtaken


@contextmanager
def _nothing_removed() -> Iterator[None]:
    try:
        yield
    except Overtaken as overtaken:
        raise OutcomeUnknown(f"what was being changed was removed: {overtaken}") from overtaken
