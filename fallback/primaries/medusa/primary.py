"""The port Primary over Medusa's Admin API."""

from __future__ import annotations

from collections.abc import Callable, Collection, Iterator, Mapping
from datetime import UTC, datetime
from time import monotonic

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder, Quote
from fallback.domain.placement.primary import AGREED, NO_SUCH_ROUTE, NOT_FOUND, Duplicates, Health
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.medusa.admin import READ_ANYTHING, READ_OF_REF, READ_PAGE, Admin, of_ref
from fallback.primaries.medusa.amending import Amending
from fallback.primaries.medusa.payments import Payments
from fallback.primaries.medusa.placing import Placing
from fallback.primaries.medusa.shapes import MedusaOrder, OfRef, Page

# Not 'numbered': a change is several calls, and another may come between our look at its number and the last of them.
# Not 'unpaid': between the look at an order's payments and its cancellation it may be paid. Not 'phone': Medusa
# compares phone numbers as they are written.
CAN = frozenset({"amend", "cancel", "slots", "contact", "tombstones", "payments", "honours_prices"})
PAGE_SIZE = 50
# 1,000 orders of one person in a few days: whoever sends more does not narrow the list as we asked.
MOST_PAGES = 20
# How often somebody may come between before a cancellation waits for its next attempt.
ROUNDS = 3


class MedusaPrimary:
    """Threads share one instance."""

    def __init__(self, admin: Admin, calls: Calls) -> None:
        self._admin = admin
        self._calls = calls

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        """The plugin, the database and our key, by a list that has no order in it."""
        self._page({"since": "9999-01-01T00:00:00Z"})
        return Health(Duplicates.ENFORCED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = self._of_ref(ref).order
        return None if there is None or there.is_draft_order else there.as_told()

    def read(self, ref: str) -> PrimaryOrder:
        there = self.find(ref)
        if there is None:
            raise Refused(NOT_FOUND, ref)
        return there

    def rivals(self, cart_id: str, email: str | None, since: datetime, phone: str | None = None) -> list[PrimaryOrder]:
        """All pages within one deadline. Raises Refused('too_many_orders') rather than leave some out."""
        until = monotonic() + self._calls.deadline
        narrow = {"cart_id": cart_id} | ({"email": email} if email else {})
        found: list[PrimaryOrder] = []
        for number, page in enumerate(self._pages(since, narrow, lambda: until)):
            if number == MOST_PAGES:
                raise Refused("too_many_orders", "Medusa lists too many orders for one purchase")
            found += page
        return found

    def placed_since(self, since: datetime, turn: Callable[[], None] = lambda: None) -> Iterator[PrimaryOrder]:
        for page in self._pages(since, {}, turn):
            yield from page

    def _pages(
        self, since: datetime, narrow: Mapping[str, str], until: Callable[[], float | None]
    ) -> Iterator[list[PrimaryOrder]]:
        """`until`: by when a page that is asked for now has to be there."""
        query = {**narrow, "since": since.astimezone(UTC).isoformat(), "limit": str(PAGE_SIZE)}
        while True:
            page = self._page(query, until())
            yield [order.as_told() for order in page.orders]
            if page.next is None:
                return
            query["after"] = str(page.next)

    def place(self, order: Order) -> PrimaryOrder:
        return Placing(self._admin, self._calls, order).placed().as_told()

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        return Amending(self._admin, self._calls, order, names).amended().as_told()

    def payment_changed(self, order: Order) -> None:
        Payments(self._admin, self._calls, order).tell()

    def cancel(self, ref: str) -> Cancellation:
        """First the plugin keeps the ref, so that nothing comes for it any more; then what is there is cancelled."""
        refuse_if_packed(self._of_ref(ref).order)
        saga, path = Saga(self._calls), f"{of_ref(ref)}/cancellation"
        there = saga.write(lambda: self._admin.call("POST", path, READ_OF_REF, {})).order
        for _ in range(ROUNDS):
            if there is None:
                return Cancellation(ref, CANCELLED)
            if there.cancelled:
                return Cancellation(ref, CANCELLED, str(there.display_id))
            there = self._without(saga, ref, there)
        raise OutcomeUnknown("the order was changed again and again while it was being cancelled")

    def _without(self, saga: Saga, ref: str, there: MedusaOrder) -> MedusaOrder | None:
        """What is left of it: it may have become an order, or have been packed, at the same moment."""
        method, path = ("DELETE", "draft-orders/{}") if there.is_draft_order else ("POST", "orders/{}/cancel")
        try:
            saga.write(lambda: self._admin.call(method, path.format(there.id), READ_ANYTHING))
        except Refused:
            refuse_if_packed(self._of_ref(ref).order)
        return saga.read(lambda left: self._admin.call("GET", of_ref(ref), READ_OF_REF, within=left)).order

    def quote(self, order: Order) -> Quote:
        raise Refused(NO_SUCH_ROUTE, "Medusa has no quotes")

    def withdrawn(self, order: Order) -> None:
        raise Refused(NO_SUCH_ROUTE, "Medusa is not told of withdrawals: a person is")

    def cancel_unpaid(self, id: str) -> PrimaryOrder:
        raise Refused(NO_SUCH_ROUTE, "Medusa may take a payment while an order is being cancelled")

    def _of_ref(self, ref: str) -> OfRef:
        return self._calls.read(lambda left: self._admin.call("GET", of_ref(ref), READ_OF_REF, within=left))

    def _page(self, query: Mapping[str, str], until: float | None = None) -> Page:
        return self._calls.read(
            lambda left: self._admin.call("GET", "fallback/orders", READ_PAGE, None, query, left), until
        )


def refuse_if_packed(there: MedusaOrder | None) -> None:
    if there and there.shipped:
        raise Refused("already_shipped", str(there.display_id))
    if there and any(each.canceled_at is None for each in there.fulfillments):
        raise Refused("in_fulfillment", f"{there.display_id}: cancel its fulfillment in Medusa first")
