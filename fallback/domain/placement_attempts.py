"""Calls to the primary between two recorded points, and the questions that come first after a crash."""

from __future__ import annotations

from collections.abc import Callable, Collection, Sequence

from fallback.domain import amendments, placement, retries, rivals
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain, UnknownOrder
from fallback.domain.holds import HoldCode
from fallback.domain.leaving import leaving_by
from fallback.domain.lifecycle import GIVEN_UP, leaves_by
from fallback.domain.matching import CANCELLED, SHIPPED, PrimaryOrder, differences
from fallback.domain.order import Order
from fallback.domain.ports import AGREED, CONTACT, CartAlreadyOrdered, Ledger
from fallback.domain.withdrawals import Withdrawals

# More than a person buys in a day; a number that a whole company gives does not make each of its orders slow.
MOST_ORDERS = 20


class PlacementAttempts(Withdrawals):
    """Placing, reading back and amending, and what stands in the way of it."""

    def ask_what_became_of_it(self, order: Order) -> Order:
        """Find our ref in the primary: what a crash or a lost answer left is settled by what is there."""

        def settled(there: PrimaryOrder | None) -> Order:
            if there is None:
                return self._record(order, lambda order: placement.not_there(order, self.clock()))
            return self._record(order, lambda order: placement.placed(order, there, self.clock()))

        return self._ask(order, lambda: self.primary.find(order.ref), settled)

    def look_for_rivals(self, order: Order, can: Collection[str]) -> Order:
        """Look for another order of the same cart, and give way to it; or for ours, that came there late.

        For another of the same person that is nearly the same, here or there, the customer is asked. `can`: what the
        primary can; 'phone' finds what it took from the customer on the phone, without an address. An order of ours
        that was given up and arrived there afterwards is no rival: it is undone there first.
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
        stray = next((other for other in found if is_stray(other, order, self.ledger)), None)
        if stray:
            rest = [other for other in found if other is not stray]
            return self._undo_there(order, stray, can, lambda: self._give_way(order, rest, can))
        ours = next((other for other in found if other.ref == order.ref), None)
        rival = next((other for other in found if is_rival(other, order, self.ledger)), None)
        if ours:
            return self._record(order, lambda order: placement.placed(order, ours, self.clock()))
        if rival:
            return self._record(order, lambda order: placement.merged(order, rival, self.clock()))
        similar = rivals.rival_here(order, of_the_same_person(order, self.ledger)) or rivals.rival_there(order, found)
        if similar:
            return self._record(order, lambda order: rivals.ask_her(order, similar, self.clock()))
        return order

    def _undo_there(self, order: Order, stray: PrimaryOrder, can: Collection[str], then: Callable[[], Order]) -> Order:
        """Cancel in the primary what arrived there after we gave it up, and go on; else a person cancels it first.

        The primary may be asked twice: after a crash the order is found there once more, or is cancelled.
        """
        assert stray.ref
        if "cancel" not in can or stray.status == SHIPPED:
            return self.hold(order, HoldCode.BY_HAND, f"cancel {stray.number}")
        try:
            there = self.primary.cancel(stray.ref)
        except (TryAgain, OutcomeUnknown) as error:
            return self._put_off(order, error)
        except Refused:
            return self.hold(order, HoldCode.BY_HAND, f"cancel {stray.number}")
        return then() if there.status == CANCELLED else self.hold(order, HoldCode.BY_HAND, f"cancel {stray.number}")

    def place(self, order: Order) -> Order:
        """Create it in the primary. Raises Conflict if somebody else wrote since `order` was read: then nothing was."""
        begun = placement.begin_placing(order, self.clock(), self.desk)
        order = self.ledger.commit(order, begun.order, begun.events)
        attempt = order.placement.attempt
        if attempt is None:  # too many tries ended in nothing: it is on hold now
            return order
        try:
            with leaving_by(leaves_by(attempt), self.clock):
                there = self.primary.place(order)
        except CartAlreadyOrdered as answer:
            rival = answer.rival
            if not is_rival(rival, order, self.ledger):
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

        def compared(there: PrimaryOrder) -> Order:
            return self._record(order, lambda order: placement.read_back(order, there, self.clock(), self.desk))

        return self._ask(order, lambda: self.primary.read(order.ref), compared)

    def amend(self, order: Order) -> Order:
        """Bring the primary to what is wanted, and read it back. What it is sent may be sent again.

        A contact that it will not have stops nothing. A lost answer leaves the attempt open: nothing else is sent
        before that has had its time to arrive.
        """
        begun = amendments.begin(order, self.clock(), self.desk)
        order = self.ledger.commit(order, begun.order, begun.events)
        attempt = order.placement.attempt
        if order.amendment is None or attempt is None:
            return order
        try:
            names = (AGREED if order.amendment.wants_something else ()) + (CONTACT if order.amendment.contact else ())
            if names:
                with leaving_by(leaves_by(attempt), self.clock):
                    self.primary.amend(amendments.wanted(order), names)
            there = self.primary.read(order.ref)
        except TryAgain as error:
            until = retries.when_back(self.clock(), self.random, error.after)
            return self._record(order, lambda order: amendments.put_off(order, until))
        except OutcomeUnknown:
            return order
        except Refused as error:
            return self.keep_contact_here(order) if names == CONTACT else self.not_amended(order, error)
        return self._record(order, lambda order: amendments.read_back(order, there, self.clock(), self.desk))

    def keep_contact_here(self, order: Order) -> Order:
        return self._record(order, lambda order: amendments.kept_here(order, self.clock()))

    def not_amended(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: amendments.not_taken(order, code, detail, self.clock(), self.desk))

    def look_whether_amended(self, order: Order) -> Order:
        """A person changes it in the primary, and what the primary says of it decides: on hold until it says so."""

        def decided(there: PrimaryOrder) -> Order:
            if differences(amendments.wanted(order), there):
                return self.hold(order, HoldCode.BY_HAND, f"change {there.number}")
            return self._record(order, lambda order: amendments.read_back(order, there, self.clock(), self.desk))

        return self._ask(order, lambda: self.primary.read(order.ref), decided)

    def _not_taken(self, order: Order, error: Refused) -> Order:
        code, detail = error.code, str(error)
        return self._record(order, lambda order: placement.not_taken(order, code, detail, self.clock(), self.desk))


def is_rival(other: PrimaryOrder, order: Order, ledger: Ledger) -> bool:
    """Another order for this cart that stands in the primary; one of ours that was given up is none."""
    return _is_for_the_cart(other, order) and not _was_given_up(other, ledger)


def is_stray(other: PrimaryOrder, order: Order, ledger: Ledger) -> bool:
    """An order of ours for this cart that was given up here and stands in the primary all the same."""
    return _is_for_the_cart(other, order) and _was_given_up(other, ledger)


def _is_for_the_cart(other: PrimaryOrder, order: Order) -> bool:
    return other.cart_id == order.cart_id and other.ref != order.ref and other.status != CANCELLED


def _was_given_up(other: PrimaryOrder, ledger: Ledger) -> bool:
    try:
        return other.ref is not None and ledger.load(other.ref).placement.state in GIVEN_UP
    except UnknownOrder:
        return False


def of_the_same_person(order: Order, ledger: Ledger) -> list[Order]:
    """Her other orders, newest first; as many as a person may have in a day, for all that share a phone number."""
    if order.customer is None:
        return []
    email, phone = order.customer.email, order.customer.phone
    refs = ledger.refs_of_person(email=email, phone=phone, limit=MOST_ORDERS)
    others = [ref for ref in refs if ref != order.ref]
    return ledger.load_many(others) if others else []
