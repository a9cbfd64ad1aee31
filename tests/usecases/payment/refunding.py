"""Orders whose money goes back, and the people who grant it."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest

from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.domain.order.grants import GrantKind, GrantRequest, GrantState
from fallback.domain.order.order import Order
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.refunds import refundable
from fallback.domain.support.accounts import Person, Role
from fallback.usecases.payment.approve_refund import approve_refund
from fallback.usecases.payment.grant_refund import grant_refund
from tests.fakes.gateway import VISA
from tests.usecases.world import World

MARA, OTTO = Person("mara", Role.AGENT), Person("otto", Role.AGENT)
LEA, ADA = Person("lea", Role.LEAD), Person("ada", Role.ADMIN)
WITHIN, ABOVE = 1_000, 2_000  # of goodwill, for an agent


def a_settled_order() -> World:
    world = World()
    world.a_customer_orders(VISA)
    world.time_passes(timedelta(minutes=5))
    assert world.is_settled()
    return world


def gives(world: World, person: Person = MARA, amount: int = WITHIN, **changes: Any) -> Order:
    """With what their page shows now, unless the customer looked at it before."""
    seen = changes.pop("seen", len(world.ledger.timeline(world.ref)))
    requested: dict[str, Any] = {"kind": GrantKind.GOODWILL, "reason": "waited", "refundable": refundable(world.order)}
    return grant_refund(world.container, world.ref, person, GrantRequest(amount=amount, **(requested | changes)), seen)


def decides(world: World, person: Person, agreed: bool = True, grant_id: int = 1) -> Order:
    return approve_refund(world.container, world.ref, grant_id, person, agreed, len(world.ledger.timeline(world.ref)))


def refund(amount: int) -> dict[str, Any]:
    return {"kind": GrantKind.REFUND, "reason": "price", "amount": amount}


def states(world: World) -> list[GrantState]:
    return [grant.state for grant in world.order.grants]


def code(refused: pytest.ExceptionInfo[Invalid]) -> str:
    return refused.value.code


def refunded_by_hand(world: World, amount: int, key: str = "dashboard") -> None:
    world.gateway.refund(world.intent_id, Money(amount, "EUR"), key)
    world.stripe_says(PaymentNews.REFUNDED, key)
    world.time_passes(timedelta(minutes=1))
