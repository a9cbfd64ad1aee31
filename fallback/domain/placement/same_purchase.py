"""What another order in the primary for the same cart is to ours: who gives way to whom."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from enum import StrEnum

from fallback.domain.errors import UnknownOrder
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.lifecycle import GIVEN_UP, Headline, headline
from fallback.domain.order.order import Order
from fallback.domain.placement import rivals
from fallback.domain.placement.matching import CANCELLED, SHIPPED, PrimaryOrder
from fallback.domain.placement.primary import CANCEL, CANCEL_UNPAID

# More than a person buys in a day; a number that a whole company gives does not make each of its orders slow.
MOST_ORDERS = 20


class RivalStanding(StrEnum):
    """`stray`: ours, given up here and there all the same; it is undone there. `paid`: ours gives way to it.

    `unpaid`: it gives way to ours. `unsaid`: the primary does not say whether it is paid, so the customer is asked.
    """

    STRAY = "stray"
    PAID = "paid"
    UNPAID = "unpaid"
    UNSAID = "unsaid"


def standing(other: PrimaryOrder, order: Order, ledger: Ledger) -> RivalStanding | None:
    """None: it is for another cart, cancelled, or this very order.

    Many shops make the order before it is paid, and send it only afterwards: such a one is no purchase yet. What they
    have sent is one, whatever they say. Orders of ours are paid here. Where all was given back and ours stands there
    all the same, the customer is asked.
    """
    if other.cart_id != order.cart_id or other.ref == order.ref or other.status == CANCELLED:
        return None
    ours = _of_ours(other.ref, ledger)
    if ours and ours.placement.state in GIVEN_UP:
        return RivalStanding.STRAY
    given_back = ours is not None and headline(ours) is Headline.REFUNDED
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
    """Whether the primary serves the call that cancels it; else a person does it there."""
    return (CANCEL if other.ref else CANCEL_UNPAID) in can and other.status != SHIPPED


def _of_ours(ref: str | None, ledger: Ledger) -> Order | None:
    try:
        return ledger.load(ref) if ref else None
    except UnknownOrder:
        return None


def of_the_same_person(order: Order, ledger: Ledger) -> list[Order]:
    """Their other orders, newest first; as many as a person may have in a day, for all that share a phone number."""
    if order.customer is None:
        return []
    email, phone = order.customer.email, order.customer.phone
    refs = ledger.refs_of_person(email=email, phone=phone, limit=MOST_ORDERS)
    others = [ref for ref in refs if ref != order.ref]
    return [other for other in ledger.load_many(others) if rivals.same_person(order, other)] if others else []
