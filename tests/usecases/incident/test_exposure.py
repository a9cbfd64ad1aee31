"""What an incident took of the stock and of the shop's trust stands on its balance sheet, refusals too."""

from __future__ import annotations

import pytest
from msgspec import structs

from fallback.domain.errors import Invalid
from fallback.domain.incident.balance import Sum
from fallback.domain.order.cart import Line
from fallback.domain.order.exposure import Exposure, WhenSoldOut
from fallback.domain.outage.mode import Mode
from fallback.usecases.incident.count_balance import count_balance
from tests.builders import BOOK
from tests.usecases.incident.outages import MINUTE, another_customer_orders, switched
from tests.usecases.world import World

ONE_LEFT = structs.replace(BOOK, available=1)


def orders(world: World, who: str, *lines: Line) -> None:
    world.a_customer_orders(
        None, cart_id=f"basket-{who}", key=f"key-{who}", email=f"{who}@example.org", lines=lines or (ONE_LEFT,)
    )


def ends(world: World) -> str:
    switched(world, Mode.DRAINING)
    switched(world, Mode.STANDBY)
    last = world.incidents.last()
    assert last
    return last.id


def refusing(world: World) -> None:
    world.container.config = structs.replace(world.container.config, fallback_sold_out=WhenSoldOut.REFUSE)


def test_orders_that_may_be_late_and_what_is_not_authorized_stand_on_the_sheet() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    orders(world, "one")
    another_customer_orders(world, "two")
    last = world.incidents.last()
    assert last
    sheet = count_balance(world.container, last.id)
    assert sheet.late == Sum(1, {"EUR": 3093})
    assert sheet.not_authorized == {"EUR": 6186}
    assert world.container.exposures.read() == Exposure(world.container.exposures.read().since, {"EUR": 6186}, 1)
    world.time_passes(MINUTE)
    assert count_balance(world.container, last.id).not_authorized == {"EUR": 3093}


def test_refusals_stay_with_the_incident_once_it_is_over() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    refusing(world)
    for who in ("one", "two"):
        with pytest.raises(Invalid, match="The Sea, the Sea: 1 left"):
            orders(world, who)
    lasting = world.incidents.last()
    assert lasting
    assert count_balance(world.container, lasting.id).refused == {"sold_out": 2}
    over = ends(world)
    assert world.container.exposures.read() == Exposure()
    assert world.incidents.load(over).refused == {"sold_out": 2}
    assert count_balance(world.container, over).refused == {"sold_out": 2}


def test_a_refusal_after_it_is_not_its_own() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    another_customer_orders(world, "one")
    over = ends(world)
    refusing(world)
    with pytest.raises(Invalid):
        orders(world, "two")
    world.now += MINUTE
    switched(world, Mode.ACTIVE)
    assert ends(world) != over
    assert world.incidents.load(over).refused == {}
