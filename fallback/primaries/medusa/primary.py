"""The port Primary over Medusa's Admin API."""

from __future__ import annotations

from collections.abc import Collection, Mapping

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.order import Order
from fallback.domain.placement.matching import CANCELLED, Cancellation, PrimaryOrder
from fallback.domain.placement.primary import AGREED, Duplicates, Health
from fallback.primaries.calls import Calls, Saga
from fallback.primaries.medusa.admin import READ_LIST, READ_OF_REF, Admin, Requests, of_ref
from fallback.primaries.medusa.amending import Amending
from fallback.primaries.medusa.payments import Payments
from fallback.primaries.medusa.placing import Placing
from fallback.primaries.medusa.shapes import MedusaOrder
from fallback.primaries.pages import ListsOrders, Page

# Not 'numbered': a change is several calls, and another may come between our look at its number and the last of them.
# Not 'unpaid': between the look at an order's payments and its cancellation it may be paid. Not 'phone': Medusa
# compares phone numbers as they are written.
CAN = frozenset({"amend", "cancel", "slots", "contact", "tombstones", "payments", "honours_prices"})
# How often somebody may come between before a cancellation waits for its next attempt.
ROUNDS = 3


class MedusaPrimary(ListsOrders):
    """Threads share one instance."""

    def __init__(self, admin: Admin, calls: Calls) -> None:
        self._admin = admin
        self._calls = calls
        self._shop = Requests(admin, calls)

    @property
    def available(self) -> bool:
        return self._calls.available

    def health(self) -> Health:
        """The plugin, the database and our key, by a list that has no order in it."""
        self._page({"since": "9999-01-01T00:00:00Z"})
        return Health(Duplicates.ENFORCED, CAN)

    def find(self, ref: str) -> PrimaryOrder | None:
        there = _of_ref(self._shop, ref)
        return None if there is None or there.is_draft_order else there.as_told()

    def _page(self, query: Mapping[str, str], until: float | None = None) -> Page:
        return self._shop.read("fallback/orders", READ_LIST, query, until).as_page()

    def place(self, order: Order) -> PrimaryOrder:
        return Placing(self._saga(), order).placed().as_told()

    def amend(self, order: Order, names: Collection[str] = AGREED) -> PrimaryOrder:
        return Amending(self._saga(), order, names).amended().as_told()

    def payment_changed(self, order: Order) -> None:
        Payments(self._saga(), order).tell()

    def cancel(self, ref: str) -> Cancellation:
        """First the plugin keeps the ref, so that nothing comes for it any more; then what is there is cancelled."""
        saga = self._saga()
        refuse_if_packed(_of_ref(saga, ref))
        there = saga.write("POST", f"{of_ref(ref)}/cancellation", {}, READ_OF_REF).order
        for _ in range(ROUNDS):
            if there is None:
                return Cancellation(ref, CANCELLED)
            if there.cancelled:
                return Cancellation(ref, CANCELLED, str(there.display_id))
            there = _without(saga, ref, there)
        raise OutcomeUnknown("the order was changed again and again while it was being cancelled")

    def _saga(self) -> Requests:
        return Requests(self._admin, Saga(self._calls))


def _of_ref(shop: Requests, ref: str) -> MedusaOrder | None:
    return shop.read(of_ref(ref), READ_OF_REF).order


def _without(saga: Requests, ref: str, there: MedusaOrder) -> MedusaOrder | None:
    """What is left of it: it may have become an order, or have been packed, at the same moment."""
    try:
        saga.remove(there)
    except Refused:
        refuse_if_packed(_of_ref(saga, ref))
    return _of_ref(saga, ref)


def refuse_if_packed(there: MedusaOrder | None) -> None:
    if there and there.shipped:
        raise Refused("already_shipped", str(there.display_id))
    if there and any(each.canceled_at is None for each in there.fulfillments):
        raise Refused("in_fulfillment", f"{there.display_id}: cancel its fulfillment in Medusa first")
