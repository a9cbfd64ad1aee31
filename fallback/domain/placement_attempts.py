"""Calls to the primary between two recorded points, and the questions that come first after a crash."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import timedelta
from random import Random

from fallback.domain import payment, placement, retries
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.holds import HoldCode
from fallback.domain.matching import PrimaryOrder
from fallback.domain.order import Change, Order
from fallback.domain.ports import NOT_FOUND, CartAlreadyOrdered, Clock, Ledger, Primary
from fallback.domain.recording import record

# The customer's own try at the primary's checkout came shortly before she came to us.
RIVALS_SINCE = timedelta(days=1)


@dataclass(frozen=True)
class PlacementAttempts:
    """`desk` is the name that owns the holds which come of it.

    Each method answers the order as it stands then, and raises Conflict if its placement went on in the meantime.
    """

    ledger: Ledger
    primary: Primary
    clock: Clock
    random: Random
    desk: str

    def ask_what_became_of_it(self, order: Order) -> Order:
        """Find our ref in the primary: what a crash or a lost answer left is settled by what is there."""
        try:
            there = self.primary.find(order.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            return self._refused(order, error)
        if there is None:
            return self._record(order, lambda order: placement.not_there(order, self.clock()))
        return self._record(order, lambda order: placement.placed(order, there, self.clock()))

    def merge_with_rival(self, order: Order) -> Order:
        """Look for another order of the same cart, and give way to it; or for ours, that came there late."""
        try:
            found = list(self.primary.rivals(order.cart_id, None, order.received_at - RIVALS_SINCE))
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            return self._refused(order, error)
        ours = next((other for other in found if other.ref == order.ref), None)
        rival = next((other for other in found if _is_rival(other, order)), None)
        if ours:
            return self._record(order, lambda order: placement.placed(order, ours, self.clock()))
        if rival:
            return self._record(order, lambda order: placement.merged(order, rival, self.clock()))
        return order

    def place(self, order: Order) -> Order:
        """Create it in the primary. Raises Conflict if somebody else wrote since `order` was read: then nothing was."""
        begun = placement.begin_placing(order, self.clock(), self.desk)
        order = self.ledger.commit(order, begun.order, begun.events)
        if order.placement.attempt is None:  # too many tries ended in nothing: it is on hold now
            return order
        try:
            there = self.primary.place(order)
        except CartAlreadyOrdered as answer:
            rival = answer.rival
            if not _is_rival(rival, order):
                return self._not_taken(order, Refused("cart_already_ordered", rival.number))
            return self._record(order, lambda order: placement.merged(order, rival, self.clock()))
        except TryAgain as error:
            until = retries.when_back(self.clock(), self.random, error.after)
            return self._record(order, lambda order: placement.turned_away(order, until))
        except OutcomeUnknown:
            until = retries.backoff(order.placement.tries, self.clock(), self.random)
            return self._record(order, lambda order: placement.lost(order, until, self.clock()))
        except Refused as error:
            return self._not_taken(order, error)
        return self._record(order, lambda order: placement.placed(order, there, self.clock()))

    def read_back(self, order: Order) -> Order:
        """What the primary has, line by line: verified, or on hold. A primary that has lost it has regressed."""
        try:
            there = self.primary.read(order.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            return self._refused(order, error)
        return self._record(order, lambda order: placement.read_back(order, there, self.clock(), self.desk))

    def cancel(self, order: Order) -> Order:
        """Cancel it in the primary, which may be asked twice; on hold if the goods have left.

        What the primary does not have any more is cancelled too.
        """
        try:
            self.primary.cancel(order.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as error:
            if error.code != NOT_FOUND:
                return self._refused(order, error)
        return self._record(order, lambda order: placement.cancelled(order, self.clock()))

    def hold(self, order: Order, code: HoldCode) -> Order:
        return self._record(order, lambda order: payment.put_on_hold(order, code, self.clock(), self.desk))

    def _not_taken(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: placement.not_taken(order, code, detail, self.clock(), self.desk))

    def _refused(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: placement.refused(order, code, detail, self.clock(), self.desk))

    def _put_off(self, order: Order, error: TryAgain | OutcomeUnknown) -> Order:
        until = retries.when_back(self.clock(), self.random, error.after if isinstance(error, TryAgain) else None)
        return self._record(order, lambda order: placement.put_off(order, until, self.clock()))

    def _record(self, order: Order, change: Callable[[Order], Change]) -> Order:
        return record(self.ledger, order, change, about=_asked_about)


def _asked_about(order: Order) -> tuple[object, ...]:
    return order.placement.state, order.placement.attempt


def _is_rival(other: PrimaryOrder, order: Order) -> bool:
    return other.cart_id == order.cart_id and other.ref != order.ref and other.status != "cancelled"
