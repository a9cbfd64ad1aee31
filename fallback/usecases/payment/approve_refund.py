"""A second person approves or declines a refund."""

from __future__ import annotations

from typing import Protocol

from msgspec import structs

from fallback.domain.errors import Invalid
from fallback.domain.order.grants import Grant
from fallback.domain.order.order import Change, Order
from fallback.domain.payment import refunds
from fallback.domain.payment.policy import GrantVerdict, Policy
from fallback.domain.support.accounts import Person
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def policy(self) -> Policy: ...


def approve_refund(deps: Deps, ref: str, grant_id: int, person: Person, agreed: bool, seen: int) -> Order:
    """Raises Late, NotAllowedNow if it no longer waits, and Invalid if this person may not decide it.

    Where nobody may approve it any more, because the incident's limit is used up or the policy has changed, everybody
    may decline it: else the order would wait for good.
    """

    def change(order: Order) -> Change:
        grant = refunds.asked(order, grant_id)
        booked = deps.ledger.booked(grant.kind, grant.incident, order.currency)
        verdict = refunds.verdict(order, grant.amount, booked, person.role, deps.policy)
        if agreed or verdict.by:
            _check(grant, verdict, person)
        return structs.replace(refunds.decide(order, grant_id, person.name, agreed, deps.clock()), booked=booked)

    return act(deps.ledger, ref, person.name, seen, change)


def _check(grant: Grant, verdict: GrantVerdict, person: Person) -> None:
    if grant.who == person.name:
        raise Invalid("approval", "own_request", "You cannot approve your own request.")
    if not verdict.granted:
        raise Invalid("approval", "above_own_limit", "This is above your limit, too.")
