"""A customer asks us to erase their personal data."""

from __future__ import annotations

from functools import partial
from typing import Protocol

from fallback.domain.order.erasing import Erased, PersonalData, StillOpen, erase, kept_since, words_about
from fallback.domain.order.record import record
from fallback.usecases.deps import OrderDeps

MOST = 10_000


class Deps(OrderDeps, Protocol):
    @property
    def personal(self) -> PersonalData: ...


def erase_customer(deps: Deps, email: str, who: str) -> Erased:
    """For all orders with this address, and related texts. Raises StillOpen before anything is erased."""
    orders = deps.ledger.load_many(deps.ledger.refs_of_person(email=email, limit=MOST))
    waiting = [order.ref for order in orders if kept_since(order) is None]
    if waiting:
        raise StillOpen(waiting)
    # First what is found by the customer's name, which only the orders contain.
    texts = deps.personal.forget({email, *words_about(orders)})
    for order in orders:
        record(deps.ledger, order, partial(erase, who=who, now=deps.clock()))
    return Erased(tuple(order.ref for order in orders), texts)
