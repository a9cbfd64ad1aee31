"""An agent refunds money, or asks a second person to approve it."""

from __future__ import annotations

from typing import Protocol

from msgspec import structs

from fallback.domain.errors import Invalid
from fallback.domain.incident.ports import Incidents
from fallback.domain.order.grants import GrantRequest
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds
from fallback.domain.payment.policy import Policy
from fallback.domain.support.accounts import Person
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def desk(self) -> str: ...

    @property
    def incidents(self) -> Incidents: ...

    @property
    def policy(self) -> Policy: ...


def grant_refund(deps: Deps, ref: str, person: Person, requested: GrantRequest, seen: int) -> Order:
    """Raises Late, NotAllowedNow before a capture, and Invalid, also if the refundable amount changed since the agent
    saw it.

    If two people grant refunds for one incident at the same time, the second is checked against the remaining amount.
    """
    if requested.reason not in deps.policy.reasons_for(requested.kind):
        raise Invalid("reason", "unknown_reason", "Choose one of the reasons.")

    def change(order: Order) -> Change:
        refunds.check(order, requested)
        incident = deps.incidents.of(order.ref)
        booked = deps.ledger.booked(requested.kind, incident, order.currency)
        verdict = refunds.verdict(order, requested.amount, booked, person.role, deps.policy)
        if not verdict.by:
            raise Invalid("amount", "above_every_limit", "This is above every limit.")
        granted = refunds.grant(
            order, requested, person.name, incident, deps.clock(), "" if verdict.granted else deps.desk
        )
        return structs.replace(granted, booked=booked)

    return act(deps.ledger, ref, person.name, seen, change)
