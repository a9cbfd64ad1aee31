"""Differences between our records, Stripe and the shop are named, order by order."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.incident.balance import DifferenceCode, Missing, Side
from fallback.domain.money import Money
from fallback.domain.order.amendment import Amendment
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Attempt, Call, Event, PlacementState
from fallback.domain.placement.matching import CANCELLED
from fallback.domain.placement.primary import Duplicates
from tests.builders import wanted
from tests.fakes.gateway import VISA
from tests.usecases.incident.outages import MINUTE, an_outage, another_customer_orders, counted, differences, lacks
from tests.usecases.world import TOTAL, World


def test_an_index_that_has_an_order_elsewhere_is_named() -> None:
    world = an_outage(orders=2)
    world.books.moved[world.ref] = Headline.WAITING
    assert differences(world) == [(Side.LEDGER, DifferenceCode.INDEX, world.ref)]
    assert lacks(world) != {}


def test_money_that_stripe_gave_back_and_nobody_told_us_of_is_named() -> None:
    world = an_outage(orders=2)
    world.gateway.refund(world.intent_id, Money(500, "EUR"), "by hand")
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.REFUNDED, world.ref)]
    assert lacks(world) == {Missing.DIFFERENCES: 1}


def test_a_second_charge_for_an_order_is_named() -> None:
    world = an_outage(orders=2)
    charge_by_hand(world, world.ref)
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.TWICE, world.ref)]


def test_a_charge_for_an_order_that_we_never_had_is_named() -> None:
    world = an_outage()
    charge_by_hand(world, "FB-0000-0000-0")
    assert differences(world) == [(Side.PROVIDER, DifferenceCode.STRANGER, "FB-0000-0000-0")]


def test_a_charge_for_an_order_of_another_time_is_no_difference() -> None:
    world = an_outage()
    another_customer_orders(world, "after")
    world.time_passes(MINUTE)
    assert differences(world) == []


def charge_by_hand(world: World, ref: str) -> None:
    intent = world.gateway.create(ref, Money(TOTAL, "EUR"), "by hand")
    world.gateway.confirm(intent.id, VISA, "", "by hand, too")
    world.gateway.capture(intent.id, Money(TOTAL, "EUR"), "and captured")


def test_an_order_that_the_shop_has_no_more_is_named() -> None:
    world = an_outage(orders=2)
    del world.primary.orders[world.ref]
    assert differences(world) == [(Side.SHOP, DifferenceCode.MISSING, world.ref)]


def test_an_order_that_was_changed_in_the_shop_is_named_with_what_is_different() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    [found] = counted(world).differences
    assert (found.side, found.code, found.ref) == (Side.SHOP, DifferenceCode.DIFFERENT, world.ref)
    assert found.detail == f"total: {Money(TOTAL, 'EUR')} agreed, 0.01 EUR there"


def test_further_orders_that_late_calls_made_in_the_shop_are_named() -> None:
    world = an_outage()
    world.primary.duplicates = Duplicates.SEARCH
    double, _ = world.primary.put(wanted(world.order))
    third, _ = world.primary.put(wanted(world.order))
    [found] = counted(world).differences
    assert (found.side, found.code, found.ref) == (Side.SHOP, DifferenceCode.DIFFERENT, world.ref)
    first = world.primary.orders[world.ref].number
    assert found.detail == f"orders: 1 agreed, 3 there ({first}, {double.number}, {third.number})"
    world.primary.doubles = [replace(each, status=CANCELLED) for each in (double, third)]
    assert differences(world) == []


def test_an_order_that_stands_in_the_shop_although_it_was_undone_is_named() -> None:
    world = an_outage()
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    world.primary.keep(replace(world.primary.orders[world.ref], status="placed"))
    assert differences(world) == [(Side.SHOP, DifferenceCode.STILL_THERE, world.ref)]


def test_an_order_that_is_cancelled_during_the_count_is_no_difference() -> None:
    world = an_outage(orders=2)

    def the_customer_undoes_it() -> None:
        world.the_customer_cancels()
        world.time_passes(MINUTE)

    world.meanwhile("gateway", "listed", the_customer_undoes_it, before=True)
    assert differences(world) == []
    assert lacks(world) == {Missing.A_NEW_COUNT: 1}


def changed_meanwhile(world: World, **changes: Any) -> None:
    """While it is counted the order becomes another one, after what was read of it first."""

    def change() -> None:
        order = world.order
        changed = replace(order, **{name: make(order) for name, make in changes.items()})
        world.ledger.commit(order, changed, [Event(world.now, "x", "y")])

    world.meanwhile("gateway", "listed", change, before=True)


def test_money_that_moves_by_a_call_that_is_under_way_is_no_difference() -> None:
    world = an_outage()
    world.gateway.refund(world.intent_id, Money(500, "EUR"), "a call")
    changed_meanwhile(
        world, payment=lambda order: replace(order.payment, attempt=Attempt(Call.REFUND, "key", world.now))
    )
    assert differences(world) == []


def test_a_list_of_stripe_that_is_behind_is_no_difference(monkeypatch: pytest.MonkeyPatch) -> None:
    world = an_outage(orders=2)
    monkeypatch.setattr(world.gateway, "listed", lambda _: [])
    assert differences(world) == []


def test_what_the_shop_shall_change_is_no_difference() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    changed_meanwhile(world, amendment=lambda _: Amendment(who="Ann", since=world.now, what="lines"))
    assert differences(world) == []


def test_an_order_that_changed_during_the_count_is_not_compared() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], total=1))
    changed_meanwhile(world, placement=lambda order: replace(order.placement, state=PlacementState.PLACED))
    assert differences(world) == []


def test_an_order_of_which_the_shop_says_that_it_is_cancelled_there_is_named() -> None:
    world = an_outage()
    world.primary.keep(replace(world.primary.orders[world.ref], status="cancelled"))
    assert [each.detail for each in counted(world).differences] == ["status: cancelled there"]


def test_a_settled_order_that_is_not_fully_captured_is_a_difference() -> None:
    world = an_outage()
    order = world.order
    world.ledger.commit(order, replace(order, payment=replace(order.payment, captured=1)), [Event(world.now, "x", "y")])
    assert (Side.LEDGER, DifferenceCode.NOT_TAKEN, world.ref) in differences(world)
    assert world.order.placement.state is PlacementState.VERIFIED
