"""Orders that belong to no incident are counted and compared as standby."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.errors import UnknownIncident
from fallback.domain.incident.audit import LOOKS_BACK
from fallback.domain.incident.balance import Balance, DifferenceCode, Fate, Side, lacking
from fallback.domain.money import Money
from fallback.domain.order.grants import NO_INCIDENT
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.outage.mode import Mode
from fallback.usecases.incident.close_incident import close_incident
from fallback.usecases.incident.count_balance import count_balance
from tests.fakes.gateway import VISA
from tests.fakes.pace import a_rule
from tests.usecases.incident.outages import MINUTE, an_outage, another_customer_orders, counted, switched
from tests.usecases.world import TOTAL, World, an_authorized_order


def standby(world: World) -> Balance:
    balance: Balance = count_balance(world.container, NO_INCIDENT)
    return balance


def test_the_orders_of_no_incident_are_counted_as_standby() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    another_customer_orders(world, "within")
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    balance = standby(world)
    assert (balance.accepted, balance.captured.orders, balance.taken) == (2, 2, {"EUR": 2 * TOTAL})
    assert (balance.differences, lacking(balance)) == ((), {})
    assert world.books.balance(NO_INCIDENT) == balance


def test_standby_is_counted_up_to_an_incident_that_lasts() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    another_customer_orders(world, "within")
    assert standby(world).accepted == 1


def test_standby_is_counted_as_far_back_as_an_audit_looks() -> None:
    world = World()
    another_customer_orders(world, "first")
    world.time_passes(LOOKS_BACK)
    another_customer_orders(world, "now")
    world.time_passes(MINUTE)
    assert standby(world).accepted == 1


def test_the_balance_of_standby_names_every_difference() -> None:
    world = World()
    world.a_customer_orders(VISA)
    another_customer_orders(world, "second")
    world.time_passes(MINUTE)
    lost, undone = world.ledger.refs()
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    world.primary.keep(replace(world.primary.orders[undone], status="placed"))
    del world.primary.orders[lost]
    world.gateway.refund(world.ledger.load(lost).payment.intent or "", Money(500, "EUR"), "by hand")
    assert {(each.side, each.code, each.ref) for each in standby(world).differences} == {
        (Side.SHOP, DifferenceCode.STILL_THERE, undone),
        (Side.SHOP, DifferenceCode.MISSING, lost),
        (Side.PROVIDER, DifferenceCode.REFUNDED, lost),
    }


def test_an_index_that_has_an_order_of_standby_elsewhere_is_named() -> None:
    world = World()
    another_customer_orders(world, "before")
    switched(world, Mode.ACTIVE)
    switched(world, Mode.STANDBY)
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    moved = world.ledger.refs()[1]
    world.books.moved[moved] = Headline.WAITING
    assert [(each.code, each.ref) for each in standby(world).differences] == [(DifferenceCode.INDEX, moved)]


def test_in_standby_some_order_is_always_under_way() -> None:
    world = World()
    world.a_customer_orders(card=None)
    balance = standby(world)
    assert (balance.fates[Fate.UNDER_WAY].orders, lacking(balance)) == (1, {})


def test_standby_is_not_closed() -> None:
    with pytest.raises(UnknownIncident):
        close_incident(World().container, NO_INCIDENT, "Mara")


@pytest.mark.parametrize("taken", [TOTAL, 100])
def test_a_capture_by_hand_whose_news_are_lost_is_found_by_the_count_of_standby(taken: int) -> None:
    world = an_authorized_order()
    world.gateway.capture(world.intent_id, Money(taken, "EUR"), "by hand")
    world.time_passes(MINUTE, Queue.PAYMENT)
    assert world.order.payment.captured == 0
    assert [(each.side, each.code) for each in standby(world).differences] == [(Side.PROVIDER, DifferenceCode.CAPTURED)]
    world.time_passes(MINUTE, Queue.PAYMENT)
    assert world.order.payment.captured == taken
    assert (HoldCode.CAPTURED_LESS in world.holds) is (taken < TOTAL)
    assert standby(world).differences == ()


def test_the_balance_of_standby_compares_with_the_shop_while_the_drain_is_paused() -> None:
    world = an_outage()
    world.pace.decide(a_rule(20, paused=True))
    assert counted(world).unasked == {}
