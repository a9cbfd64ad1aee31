"""The customer takes the goodwill that the policy grants when we missed a promise, without asking anybody."""

from __future__ import annotations

from typing import Protocol

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.incident.ports import Incidents
from fallback.domain.order.actors import CUSTOMER
from fallback.domain.order.grants import GrantKind, GrantRequest
from fallback.domain.order.lifecycle import headline
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds
from fallback.domain.payment.policy import WAITED, Policy
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def incidents(self) -> Incidents: ...

    @property
    def policy(self) -> Policy: ...


def take_goodwill(deps: Deps, ref: str) -> Order:
    """Raises NotAllowedNow if there is none for this order, or if it was already taken."""
    timeline = deps.ledger.timeline(ref)

    def change(order: Order) -> Change:
        booked = deps.ledger.booked(GrantKind.GOODWILL, deps.incidents.of(ref), order.currency)
        amount = refunds.own_goodwill(order, timeline, booked, deps.policy, deps.clock())
        if not amount:
            raise NotAllowedNow(headline(order), "goodwill")
        left = refunds.refundable(order)
        requested = GrantRequest(kind=GrantKind.GOODWILL, amount=amount, reason=WAITED, refundable=left)
        granted = refunds.grant(order, requested, CUSTOMER, booked.incident, deps.clock())
        return structs.replace(granted, booked=booked)

    return act(deps.ledger, ref, CUSTOMER, len(timeline), change)
