"""An incident is counted, compared with Stripe and the shop, and closed when it balances."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import TryAgain
from fallback.domain.incident.balance import Fate, Missing, Side
from fallback.domain.incident.incident import IncidentEvent
from fallback.domain.order.holds import HoldCode
from fallback.domain.outage.mode import Mode
from tests.builders import a_hold
from tests.fakes.gateway import VISA
from tests.usecases.incident.outages import (
    MINUTE,
    an_outage,
    another_customer_orders,
    closes,
    counted,
    differences,
    lacks,
    switched,
)
from tests.usecases.world import TOTAL, World

# --- it balances


def test_an_outage_that_went_well_balances_and_is_closed() -> None:
    world = an_outage(orders=3)
    balance = counted(world)
    assert (balance.accepted, balance.captured.orders, balance.fates[Fate.SETTLED].orders) == (3, 3, 3)
    assert balance.captured.amounts == balance.ended.amounts == balance.taken == {"EUR": 3 * TOTAL}
    assert (balance.differences, balance.unasked) == ((), {})
    closes(world)
    last = world.incidents.last()
    assert last
    assert last.closed
    assert (last.timeline[-1].what, last.timeline[-1].who) == (IncidentEvent.CLOSED, "Mara")


def test_orders_of_before_and_after_are_not_counted() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    world.a_customer_orders(VISA)
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    assert counted(world).captured.orders == 1


def test_what_was_undone_counts_with_its_money_given_back() -> None:
    world = an_outage(orders=2)
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    balance = counted(world)
    assert (balance.fates[Fate.REFUNDED].orders, balance.given_back) == (1, {"EUR": TOTAL})
    assert differences(world) == []


def test_what_a_named_person_holds_is_on_the_right_side() -> None:
    world = an_outage()
    order = world.order
    world.ledger.commit(order, replace(order, owner="Ann", holds=(a_hold(HoldCode.MISMATCH),)), [])
    assert counted(world).ended.orders == 1
    closes(world)


# --- what is missing


def test_while_it_lasts_it_is_not_closed() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    counted(world)
    assert lacks(world) == {Missing.AN_END: 1}


def test_what_was_not_counted_is_not_closed() -> None:
    assert lacks(an_outage()) == {Missing.A_COUNT: 1}


def test_a_count_that_is_old_or_overtaken_has_to_be_made_anew() -> None:
    world = an_outage()
    counted(world)
    world.now += timedelta(minutes=16)
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}
    counted(world)
    world.the_customer_cancels()
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def test_a_count_from_before_it_ended_does_not_close_it() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    counted(world)
    switched(world, Mode.STANDBY)
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def test_an_order_in_progress_keeps_the_incident_open() -> None:
    world = World()
    switched(world, Mode.ACTIVE)
    world.a_customer_orders(card=None)
    switched(world, Mode.STANDBY)
    assert counted(world).fates[Fate.UNDER_WAY].amounts == {"EUR": TOTAL}
    assert lacks(world) == {Missing.UNDER_WAY: 1}


@pytest.mark.parametrize(("side", "lack"), [(Side.PROVIDER, Missing.PROVIDER), (Side.SHOP, Missing.SHOP)])
def test_who_does_not_answer_is_named_and_keeps_it_open(side: Side, lack: Missing) -> None:
    world = an_outage()
    if side is Side.PROVIDER:
        world.gateway.fail_next("listed", TryAgain("Stripe is away"))
    else:
        world.primary.fail_next("placed_since", TryAgain("the shop is away"))
    away = {Side.PROVIDER: "Stripe is away", Side.SHOP: "the shop is away"}
    assert counted(world).unasked == {side: away[side]}
    assert lacks(world) == {lack: 1}
