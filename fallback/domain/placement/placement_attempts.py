"""Calls to the primary as write-ahead attempts, and the reads that come first after a crash."""

from __future__ import annotations

from collections.abc import Collection, Sequence
from contextlib import suppress

from fallback.domain import retries
from fallback.domain.call_deadline import leaving_by
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.amended import as_amended
from fallback.domain.order.order import Attempt, Order
from fallback.domain.order.patience import leaves_by
from fallback.domain.placement import amendments, placement, rivals
from fallback.domain.placement.matching import CANCELLED, PrimaryOrder, differences
from fallback.domain.placement.primary import (
    AGREED,
    ALREADY_PAID,
    CONTACT,
    NO_SUCH_ROUTE,
    NUMBERED,
    OUTDATED,
    PAYMENTS,
    CartAlreadyOrdered,
)
from fallback.domain.placement.same_purchase import (
    RivalStanding,
    by_standing,
    can_be_undone,
    of_the_same_person,
    standing,
)
from fallback.domain.placement.withdrawals import Withdrawals


class PlacementAttempts(Withdrawals):
    """Placing, reading back and amending, and the checks before them."""

    def ask_what_became_of_it(self, order: Order) -> Order:
        """Find our ref in the primary: its answer settles what a crash or a lost response left open."""

        def settled(there: PrimaryOrder | None) -> Order:
            if there is None:
                return self._record(order, lambda order: placement.not_there(order, self.clock()))
            return self._record(order, lambda order: placement.placed(order, there, self.clock()))

        return self._ask(order, lambda: self.primary.find(order.ref), settled)

    def look_for_rivals(self, order: Order, can: Collection[str]) -> Order:
        """Look for another order of the same cart and give way to it if it is paid; or find ours, if it arrived late.

        If the same person has another nearly equal order, here or there, the customer is asked. `can`: the primary's
        capabilities; with 'phone', it also finds orders that it took by phone, without an e-mail address. Unpaid orders
        there, and orders of ours that arrived after we gave them up, give way to this one (same_purchase.standing).
        """
        email = order.customer.email if order.customer else None
        phone = order.customer.phone if order.customer and "phone" in can else None
        since = order.received_at - rivals.WITHIN
        return self._ask(
            order,
            lambda: list(self.primary.rivals(order.cart_id, email, since, phone)),
            lambda found: self._give_way(order, found, can),
        )

    def _give_way(self, order: Order, found: Sequence[PrimaryOrder], can: Collection[str]) -> Order:
        there = by_standing(found, order, self.ledger)
        ours = next((other for other in found if other.ref == order.ref), None)
        if stray := there.get(RivalStanding.STRAY):
            return self._undo_there(order, stray, found, can)
        if ours:
            return self._record(order, lambda order: placement.placed(order, ours, self.clock()))
        if paid := there.get(RivalStanding.PAID):
            return self._record(order, lambda order: placement.merged(order, paid, self.clock()))
        if unsaid := there.get(RivalStanding.UNSAID):
            return self._record(order, lambda order: rivals.ask_whether_paid(order, unsaid, self.clock()))
        if unpaid := there.get(RivalStanding.UNPAID):
            return self._undo_there(order, unpaid, found, can)
        similar = rivals.rival_here(order, of_the_same_person(order, self.ledger)) or rivals.rival_there(order, found)
        if similar:
            return self._record(order, lambda order: rivals.ask_them(order, similar, self.clock()))
        return order

    def _undo_there(
        self, order: Order, other: PrimaryOrder, found: Sequence[PrimaryOrder], can: Collection[str]
    ) -> Order:
        """Cancel in the primary an order that arrived after we gave it up, or that is not paid there, and go on.

        If the primary cannot cancel, a person does it first. Cancelling may be repeated: after a crash the order is
        found there again, or is cancelled. An order that was paid in the meantime is not cancelled: ours gives way.
        """
        if not can_be_undone(other, can):
            return self._cancel_by_hand(order, other.number)
        try:
            there = self.primary.cancel(other.ref) if other.ref else self.primary.cancel_unpaid(other.id)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused as refusal:
            if refusal.code == ALREADY_PAID and not other.ref:
                return self._record(order, lambda order: placement.merged(order, other, self.clock()))
            return self._cancel_by_hand(order, other.number)
        if there.status != CANCELLED:
            return self._cancel_by_hand(order, other.number)
        order = self._record(order, lambda order: rivals.cancelled_there(order, other, self.clock()))
        return self._give_way(order, [each for each in found if each is not other], can)

    def place(self, order: Order, can: Collection[str]) -> Order:
        """Create it in the primary.

        Raises Conflict if another write came after `order` was read: then nothing was called.
        """
        begun = placement.begin_placing(order, self.clock(), self.desk, PAYMENTS in can)
        order = self.ledger.commit(order, begun.order, begun.events)
        attempt = order.placement.attempt
        if attempt is None:  # too many attempts without an outcome: it is on hold now
            return order
        try:
            with leaving_by(leaves_by(attempt), self.clock):
                there = self.primary.place(order)
        except CartAlreadyOrdered as answer:
            rival = answer.rival
            if standing(rival, order, self.ledger) is None:
                return self._not_taken(order, Refused("cart_already_ordered", rival.number))
            order = self._record(order, lambda order: placement.turned_away_for_rival(order, self.clock()))
            return self._give_way(order, [rival], can)
        except TryAgain as error:
            until = retries.when_back(self.clock(), self.random, error.after)
            return self._record(order, lambda order: placement.turned_away(order, until))
        except OutcomeUnknown as error:
            return self._lost(order, error.after)
        except Refused as error:
            return self._not_taken(order, error)
        return self._record(order, lambda order: placement.placed(order, there, self.clock()))

    def _lost(self, order: Order, limited: float | None) -> Order:
        until, tries = retries.after_lost(order.placement.tries, self.clock(), self.random, limited)
        return self._record(order, lambda order: placement.lost(order, until, self.clock(), tries))

    def read_back(self, order: Order) -> Order:
        """Compare the primary's order line by line: verified, or on hold. A primary that has lost it has regressed."""

        def compared(there: PrimaryOrder) -> Order:
            return self._record(order, lambda order: placement.read_back(order, there, self.clock(), self.desk))

        return self._ask(order, lambda: self.primary.read(order.ref), compared)

    def amend(self, order: Order, can: Collection[str]) -> Order:
        """Send the requested change to the primary and read it back. Sending may be repeated.

        Refused contact details stop nothing. A lost response leaves the attempt open: nothing else is sent before that
        request has had its time to arrive. If the primary does not serve the call, a person makes the change.
        """
        begun = amendments.begin(order, self.clock(), self.desk)
        order = self.ledger.commit(order, begun.order, begun.events)
        attempt = order.placement.attempt
        if order.amendment is None or attempt is None:
            return order
        try:
            names = (AGREED if order.amendment.wants_something else ()) + (CONTACT if order.amendment.contact else ())
            if names:
                self._tell(order, attempt, names)
            there = self._left_as_agreed(order, attempt, can)
        except TryAgain as error:
            until = retries.when_back(self.clock(), self.random, error.after)
            return self._record(order, lambda order: amendments.put_off(order, until))
        except OutcomeUnknown:
            return order
        except Refused as error:
            if error.code == OUTDATED:
                return self._count_anew(order)
            if names == CONTACT:
                return self.keep_contact_here(order)
            by_hand = error.code == NO_SUCH_ROUTE
            return self.look_whether_amended(order, can) if by_hand else self.not_amended(order, error)
        return self._amended(order, there, can)

    def _tell(self, order: Order, attempt: Attempt, names: Collection[str]) -> PrimaryOrder:
        with leaving_by(leaves_by(attempt), self.clock):
            return self.primary.amend(as_amended(order), names)

    def _left_as_agreed(self, order: Order, attempt: Attempt, can: Collection[str]) -> PrimaryOrder:
        """What the primary has. A change that was taken back and may still arrive is outdated by a newer one."""
        there = self.primary.read(order.ref)
        taken_back = order.amendment and not order.amendment.wants_something
        if not (taken_back and NUMBERED in can and amendments.may_come_late(order, there)):
            return there
        with suppress(Refused):  # then the order read from it decides
            return self._tell(order, attempt, AGREED)
        return there

    def _count_anew(self, order: Order) -> Order:
        def counted(there: PrimaryOrder) -> Order:
            return self._record(order, lambda order: amendments.counted_anew(order, there, self.clock()))

        return self._ask(order, lambda: self.primary.read(order.ref), counted)

    def _amended(self, order: Order, there: PrimaryOrder, can: Collection[str]) -> Order:
        numbered = NUMBERED in can
        return self._record(order, lambda order: amendments.read_back(order, there, self.clock(), self.desk, numbered))

    def keep_contact_here(self, order: Order) -> Order:
        return self._record(order, lambda order: amendments.kept_here(order, self.clock()))

    def not_amended(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: amendments.not_taken(order, code, detail, self.clock(), self.desk))

    def look_whether_amended(self, order: Order, can: Collection[str]) -> Order:
        """A person makes the change in the primary, and reading it back decides: on hold until it matches."""

        def decided(there: PrimaryOrder) -> Order:
            if not differences(as_amended(order), there):
                return self._amended(order, there, can)
            return self._record(order, lambda order: amendments.by_hand(order, there, self.clock(), self.desk))

        return self._ask(order, lambda: self.primary.read(order.ref), decided)

    def _not_taken(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: placement.not_taken(order, code, detail, self.clock(), self.desk))
