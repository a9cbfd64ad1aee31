"""How another order in the primary for the same cart relates to ours: which one gives way."""

from __future__ import annotations

from collections.abc import Collection, Iterable, Sequence
from contextlib import suppress
from enum import StrEnum

from fallback.domain.errors import Damaged, UnknownOrder
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import GIVEN_UP
from fallback.domain.order.order import Order
from fallback.domain.payment.refunds import is_given_back
from fallback.domain.placement import rivals
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder
from fallback.domain.placement.primary import CANCEL, CANCEL_UNPAID

# More than a person buys in a day; a shared company phone number does not slow down each of its orders.
MOST_ORDERS = 20


class RivalStanding(StrEnum):
    """`stray`: ours, given up here but present there; it is cancelled there. `paid`: ours gives way to it.

    `unpaid`: it gives way to ours. `unsaid`: the primary does not report whether it is paid, so the customer is asked.
    """

    STRAY = "stray"
    PAID = "paid"
    UNPAID = "unpaid"
    UNSAID = "unsaid"


def standing(other: PrimaryOrder, order: Order, ledger: Ledger) -> RivalStanding | None:
    """None: it is for another cart, cancelled, or this very order.

    Many shops create the order before it is paid, and ship it only afterwards: an unpaid one is no purchase yet. A
    shipped one always is. Orders of ours are paid here. If everything was refunded, or is to be, or was taken back by
    the customer's bank, and ours is there all the same, the customer is asked.
    """
    if other.cart_id != order.cart_id or other.ref == order.ref or other.status == CANCELLED:
        return None
    ours = _of_ours(other.ref, ledger)
    if ours and ours.placement.state in GIVEN_UP:
        return RivalStanding.STRAY
    given_back = ours is not None and is_given_back(ours)
    if not given_back and (other.paid or other.ref or other.status == SHIPPED):
        return RivalStanding.PAID
    said_unpaid = (other.paid is False and other.ref is None) or other.number in order.apart
    return RivalStanding.UNPAID if said_unpaid else RivalStanding.UNSAID


def by_standing(
    found: Iterable[PrimaryOrder], order: Order, ledger: Ledger
) -> dict[RivalStanding | None, PrimaryOrder]:
    """The first of each standing."""
    first: dict[RivalStanding | None, PrimaryOrder] = {}
    for other in found:
        first.setdefault(standing(other, order, ledger), other)
    return first


def can_be_undone(other: PrimaryOrder, can: Collection[str]) -> bool:
    """Whether the primary serves the call that cancels it; otherwise a person cancels it there."""
    return (CANCEL if other.ref else CANCEL_UNPAID) in can and other.status != SHIPPED


def _of_ours(ref: str | None, ledger: Ledger) -> Order | None:
    try:
        return ledger.load(ref) if ref else None
    except UnknownOrder:
        return None


def of_the_same_person(order: Order, ledger: Ledger) -> list[Order]:
    """The person's other orders, newest first; at most one day's worth, since many people may share a phone number."""
    if order.customer is None:
        return []
    email, phone = order.customer.email, order.customer.phone
    refs = ledger.refs_of_person(email=email, phone=phone, limit=MOST_ORDERS)
    others = [ref for ref in refs if ref != order.ref]
    return [other for other in _of_these(others, ledger) if rivals.same_person(order, other)]


def _of_these(refs: Sequence[str], ledger: Ledger) -> Iterable[Order]:
    """A damaged one, which nobody can compare, does not hold up the others of the same person."""
    try:
        yield from ledger.load_many(refs)
    except Damaged:
        for ref in refs:
            with suppress(Damaged):
                yield ledger.load(ref)
