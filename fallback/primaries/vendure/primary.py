"""The port Primary over Vendure's Admin API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from contextlib import contextmanager
from datetime import datetime
from typing import Any

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, NO_SUCH_ROUTE, NOT_FOUND, Duplicates, Health
from fallback.primaries.calls import Calls
from fallback.primaries.vendure.amending import Amending
from fallback.primaries.vendure.answers import Answer, shaped
from fallback.primaries.vendure.documents import HEALTH, WITHDRAW
from fallback.primaries.vendure.payments import Payments
from fallback.primaries.vendure.placing import Placing
from fallback.primaries.vendure.reading import all_since, of_a_cart, of_a_person, with_ref
from fallback.primaries.vendure.session import Overtaken, Session

# Not 'contact': the order's e-mail address is that of its customer, who may have an account with it. Not 'numbered': a
# change is several calls, and Vendure compares no number. Not 'unpaid': the shop's own unpaid order is the basket.
CAN = frozenset({"amend", "cancel", "slots", "tombstones", "payments", "honours_prices"})


class VendurePrimary:
    """Threads share one instance."""

    def __init__(self, session: Session, calls: Calls) -> None:
        self._session = session
        self._calls = calls

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        self._read(HEALTH, {})
        return Health(Duplicates.ENFORCED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = with_ref(self._read, ref)
        return there.as_told() if there else None

    def read(self, ref: str) -> PrimaryOrder:
        there = self.find(ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        return there

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        found = of_a_cart(self._read, cart_id, since)
        if email:
            found += of_a_person(self._read, email, since)
        return [order.as_told() for order in {order.id: order for order in found}.values()]

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        for order in all_since(self._read, since, turn):
            yield order.as_told()

    def place(self, order: Order) -> PrimaryOrder:
        return Placing(self._session, self._calls, order).placed().as_told()

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        with _nothing_removed():
            return Amending(self._session, self._calls, order).amended().as_told()

    def cancel(self, ref: str) -> Cancellation:
        """One call of the plugin's: it cancels what is there, half-made or not, and leaves a tombstone."""
        answer = self._calls.write(lambda: self._session.ask(WITHDRAW, {"ref": ref}))
        said = shaped(answer["fallbackWithdraw"], Answer)
        if said.refusal:
            raise Refused(said.refusal, said.detail or "")
        return Cancellation(ref, CANCELLED, said.order.code if said.order else None)

    def payment_changed(self, order: Order) -> None:
        with _nothing_removed():
            Payments(self._session, self._calls, order).tell()

    def quote(self, order: Order) -> Quote:
        raise Refused(NO_SUCH_ROUTE, "Vendure has no quotes")

    def withdrawn(self, order: Order) -> None:
        raise Refused(NO_SUCH_ROUTE, "Vendure is not told of withdrawals: a person is")

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        raise Refused(NO_SUCH_ROUTE, "Vendure has no orders that wait for their payment")

    def _read(self, document: str, variables: Mapping[str, Any]) -> dict[str, Any]:
        try:
            return self._calls.read(lambda left: self._session.ask(document, variables, left))
        except Overtaken as overtaken:
            raise TryAgain(str(overtaken)) from overtaken


@contextmanager
def _nothing_removed() -> Iterator[None]:
    try:
        yield
    except Overtaken as overtaken:
        raise OutcomeUnknown(f"what was being changed was removed: {overtaken}") from overtaken
