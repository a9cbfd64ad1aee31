"""A customer asks us to erase what we know of her."""

from __future__ import annotations

from functools import partial

from fallback.domain.clock import Clock
from fallback.domain.order.erasing import Erased, PersonalData, StillOpen, erase, kept_since, words_about
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.record import record

MOST = 10_000


def erase_customer(email: str, who: str, *, ledger: Ledger, personal: PersonalData, clock: Clock) -> Erased:
    """Of all orders with this address, and of what stands beside them. Raises StillOpen before anything is erased."""
    orders = ledger.load_many(ledger.refs_of_person(email=email, limit=MOST))
    waiting = [order.ref for order in orders if kept_since(order) is None]
    if waiting:
        raise StillOpen(waiting)
    # First what is found by her name, which the orders tell.
    texts = personal.forget({email, *words_about(orders)})
    for order in orders:
        record(ledger, order, partial(erase, who=who, now=clock()))
    return Erased(tuple(order.ref for order in orders), texts)
