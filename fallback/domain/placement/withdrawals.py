"""Ensures that an order we gave up is not in the primary and does not arrive there late; else a person handles it."""

from __future__ import annotations

from collections.abc import Collection

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Order
from fallback.domain.placement import late_arrivals, placement
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder
from fallback.domain.placement.primary import CANCEL, NO_SUCH_ROUTE, NOT_FOUND, TOMBSTONES
from fallback.domain.placement.primary_calls import PrimaryCalls


class Withdrawals(PrimaryCalls):
    """Cancelling in the primary. Each cancellation may be repeated: after a crash the primary is read first."""

    def cancel(self, order: Order, can: Collection[str]) -> Order:
        """Cancel it in the primary, which may be repeated; on hold if the goods were shipped.

        'Not found' may mean the URL and not the order, so reading the order decides then. A primary with tombstones is
        also told to refuse an order that it does not have.
        """
        try:
            there = self.primary.cancel(order.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            by_hand = error.code in (NOT_FOUND, NO_SUCH_ROUTE)
            return self.look_whether_cancelled(order) if by_hand else self._refused(order, error)
        if there.status != CANCELLED:
            return self.look_whether_cancelled(order)
        return self._record(order, lambda order: placement.cancelled(order, self.clock(), TOMBSTONES in can))

    def look_whether_cancelled(self, order: Order) -> Order:
        """A person cancels it in the primary, and reading it decides: on hold until it is cancelled."""

        def decided(there: PrimaryOrder | None) -> Order:
            if there is None or there.status == CANCELLED:
                return self._record(order, lambda order: placement.cancelled(order, self.clock()))
            if there.status == SHIPPED:
                return self._refused(order, Refused("already_shipped", there.number))
            return self._cancel_by_hand(order, there.number)

        return self._ask(order, lambda: self.primary.find(order.ref), decided)

    def _cancel_by_hand(self, order: Order, number: str | None) -> Order:
        return self.hold(order, HoldCode.BY_HAND, f"cancel {number}")

    def undo_late(self, order: Order, can: Collection[str]) -> Order:
        """Ensure that an order we gave up is not in the primary and will not arrive; else a person handles it."""

        def decided(there: PrimaryOrder | None) -> Order:
            stands = there if there and there.status != CANCELLED else None
            if stands and stands.status == SHIPPED:
                return self._refused(order, Refused("already_shipped", stands.number))
            if stands and (CANCEL not in can or late_arrivals.is_merged_into(order, stands)):
                return self._cancel_by_hand(order, stands.number)
            if stands or TOMBSTONES in can:
                return self._cancel_late(order, stands, can)
            return self._record(order, lambda order: late_arrivals.look_again(order, self.clock()))

        return self._ask(order, lambda: self.primary.find(order.ref), decided)

    def _cancel_late(self, order: Order, stands: PrimaryOrder | None, can: Collection[str]) -> Order:
        """May be repeated. `stands`: the primary's order; without one, the primary is told to refuse it in future."""
        try:
            there = self.primary.cancel(order.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            if error.code not in (NOT_FOUND, NO_SUCH_ROUTE):
                return self._refused(order, error)
            if stands:
                return self._cancel_by_hand(order, stands.number)
            return self._record(order, lambda order: late_arrivals.look_again(order, self.clock()))
        if there.status != CANCELLED:
            return self._cancel_by_hand(order, there.number)
        if stands is None:
            return self._record(order, late_arrivals.nothing_comes)
        number, for_good = stands.number, TOMBSTONES in can
        return self._record(order, lambda order: late_arrivals.undone(order, number, for_good, self.clock()))
