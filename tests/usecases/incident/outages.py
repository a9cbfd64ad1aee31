"""Outages with their orders, their count and their closing."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.incident.balance import Balance, Missing
from fallback.domain.incident.closing import NotBalanced
from fallback.domain.outage.mode import Mode, ModeState
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from fallback.usecases.incident.follow_mode import follow_mode
from tests.fakes.gateway import VISA
from tests.usecases.world import World

MINUTE = timedelta(minutes=1)


def switched(world: World, mode: Mode, reason: str = "the payment page is down") -> None:
    world.modes.switch(ModeState(mode, world.clock(), "Ada", reason))
    follow_mode(world.container)


def an_outage(orders: int = 1) -> World:
    """So many customers bought in it, all was handed over, and the shop serves again."""
    world = World()
    switched(world, Mode.ACTIVE)
    for number in range(orders):
        another_customer_orders(world, f"{number}")
    switched(world, Mode.DRAINING, "it is back")
    world.time_passes(MINUTE)
    switched(world, Mode.STANDBY, "all is handed over")
    return world


def another_customer_orders(world: World, who: str, card: str | None = VISA) -> None:
    world.a_customer_orders(card, cart_id=f"basket-{who}", key=f"key-{who}", email=f"{who}@example.org")


def incident_id(world: World) -> str:
    last = world.incidents.last()
    assert last
    return last.id


def counted(world: World) -> Balance:
    balance: Balance = count_balance(world.container, incident_id(world))
    return balance


def differences(world: World) -> list[tuple[str, str, str]]:
    return [(each.side, each.code, each.ref) for each in counted(world).differences]


def closes(world: World) -> None:
    close_incident(world.container, incident_id(world), "Mara")


def lacks(world: World) -> dict[Missing, int]:
    with pytest.raises(NotBalanced) as refusal:
        closes(world)
    return dict(refusal.value.lacking)
