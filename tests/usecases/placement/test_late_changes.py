"""A change that reaches the shop an hour late, twice, or after the next one."""

from __future__ import annotations

from contextlib import suppress
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, ShippingAddress
from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.amended import as_amended
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Queue
from fallback.domain.placement.matching import PrimaryOrder
from fallback.domain.placement.primary import AGREED
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import wanted
from tests.usecases.world import World, an_authorized_order

THIRD = ChangeOrder(shipping_address=ShippingAddress("3 Quay", "Hull", "HU1 1AA", country="GB"))
SECOND = ChangeOrder(shipping_address=ShippingAddress("2 Quay", "Hull", "HU1 1AA", country="GB"))


def a_change_is_on_its_way(world: World) -> tuple[int, PrimaryOrder]:
    """Its answer was lost; the shop will get it later. Its number, and what it says."""
    sent: list[tuple[int, PrimaryOrder]] = []
    amend = world.primary.amend

    def lost(order: object, *names: object) -> PrimaryOrder:
        world.primary.amend = amend
        sent.append((order.placement.amendments, wanted(order)))
        raise OutcomeUnknown("no answer")

    world.primary.amend = lost
    world.the_customer_changes(SECOND)
    world.shifts_work()
    [on_its_way] = sent
    return on_its_way


def it_arrives(world: World, on_its_way: tuple[int, PrimaryOrder]) -> None:
    number, what = on_its_way
    with suppress(Refused):
        world.primary.change(world.ref, what, AGREED, number)


def street(world: World) -> str:
    there = world.primary.orders[world.ref]
    assert there.shipping_address
    return there.shipping_address.line1


def a_settled_order(numbered: bool = True) -> World:
    world = an_authorized_order()
    if not numbered:
        world.primary.can -= {"numbered"}
    world.time_passes()
    assert world.is_settled()
    return world


def test_a_late_change_does_not_undo_the_next_one() -> None:
    world = a_settled_order()
    late = a_change_is_on_its_way(world)
    world.the_customer_changes(THIRD)
    world.time_passes(timedelta(minutes=10))
    assert (street(world), world.order.amendment) == ("3 Quay", None)
    it_arrives(world, late)
    assert street(world) == "3 Quay"


def test_each_try_has_a_higher_number_than_all_before() -> None:
    world = a_settled_order()
    number, _ = a_change_is_on_its_way(world)
    world.time_passes(timedelta(minutes=10))
    assert (number, world.primary.orders[world.ref].amendment) == (1, 2)


def test_a_late_change_that_was_taken_back_does_not_come_after_all() -> None:
    world = a_settled_order()
    late = a_change_is_on_its_way(world)
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(minutes=10))
    assert world.is_settled()
    it_arrives(world, late)
    assert street(world) == "1 Quay"


def test_withdrawing_a_change_that_was_not_sent_does_not_amend_the_shops_order() -> None:
    world = a_settled_order()
    world.the_customer_changes(SECOND)
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(minutes=10))
    assert world.is_settled()
    assert world.primary.calls["amend"] == 0


def test_a_shop_that_refuses_to_be_told_again_has_what_it_reads_back() -> None:
    world = a_settled_order()
    a_change_is_on_its_way(world)
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.time_passes(timedelta(minutes=10))
    assert (world.is_settled(), world.holds) == (True, [])


def test_a_ledger_that_has_lost_count_goes_on_above_the_number_of_the_shop() -> None:
    world = a_settled_order()
    there = world.primary.orders[world.ref]
    world.primary.keep(replace(there, amendment=7))
    world.the_customer_changes(SECOND)
    world.time_passes(timedelta(minutes=10))
    assert (street(world), world.holds) == ("2 Quay", [])
    assert world.primary.orders[world.ref].amendment == 8


def test_a_shop_that_calls_every_change_outdated_is_not_asked_for_ever() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("outdated"), times=100)
    world.the_customer_changes(SECOND)
    world.time_passes()
    assert world.holds == [HoldCode.POISON]


def test_an_address_for_changes_that_is_not_served_is_a_change_for_a_person() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("no_such_route"), times=2)
    world.the_customer_changes(SECOND)
    world.time_passes(timedelta(minutes=1))
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.BY_HAND], "change 100001")
    world.primary.change(world.ref, wanted(as_amended(world.order)))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes(timedelta(minutes=1))
    assert (world.holds, world.is_settled(), "amended" in world.told) == ([], True, True)


def test_where_changes_have_no_numbers_the_order_is_read_once_more_later() -> None:
    world = a_settled_order(numbered=False)
    late = a_change_is_on_its_way(world)
    world.the_customer_changes(THIRD)
    world.time_passes(timedelta(minutes=10))
    assert (street(world), world.is_settled()) == ("3 Quay", True)
    world.time_passes(timedelta(minutes=50))
    it_arrives(world, late)
    assert world.holds == []
    world.time_passes(timedelta(hours=2))
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.MISMATCH], "address: not as agreed (line1)")


def test_a_change_without_a_number_is_read_back_once_more_and_not_for_ever() -> None:
    world = a_settled_order(numbered=False)
    world.the_customer_changes(THIRD)
    world.time_passes(timedelta(days=1))
    reads = world.primary.calls["read"]
    world.time_passes(timedelta(days=7))
    assert (world.primary.calls["read"], world.order.placement.read_again_at) == (reads, None)
    assert world.is_settled()


@pytest.mark.parametrize("numbered", [True, False])
def test_what_is_wrong_before_the_capture_is_not_captured(numbered: bool) -> None:
    world = an_authorized_order()
    if not numbered:
        world.primary.can -= {"numbered"}
    world.gateway.fail_next("capture", TryAgain("away"), times=1)
    world.shifts_work(Queue.PLACEMENT)
    world.the_customer_changes(THIRD)

    def it_is_undone() -> None:
        there = world.primary.orders[world.ref]
        assert there.shipping_address
        world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, line1="1 Quay")))

    world.meanwhile("primary", "read", it_is_undone)
    world.time_passes(timedelta(minutes=10))
    assert (world.holds, world.captured) == ([HoldCode.MISMATCH], 0)
