"""Send new links to the customers who asked for them, if they have orders."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.record import record
from fallback.domain.support import renewals
from fallback.domain.support.renewals import RenewalRequest, Renewals
from fallback.runtime.one_by_one import others_go_on
from fallback.usecases.deps import OrderDeps

AT_ONCE = 100
# Orders of one address; a customer with more has to name the ref of one of them.
LOOK_AT = 1_000


class Deps(OrderDeps, Protocol):
    @property
    def renewals(self) -> Renewals: ...


def renew_links(deps: Deps) -> None:
    """Handles the requests since the last call."""
    for asked in deps.renewals.take(AT_ONCE):
        with others_go_on("renewal"):
            _renew(asked, deps.ledger, deps.clock)


def _renew(asked: RenewalRequest, ledger: Ledger, clock: Clock) -> None:
    refs = renewals.orders_for(asked, ledger.refs_of_person(email=asked.email, limit=LOOK_AT))
    if refs:
        newest, *others = refs
        record(ledger, ledger.load(newest), lambda order: renewals.renew(order, tuple(others), clock()))
