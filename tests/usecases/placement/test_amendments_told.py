"""A change is done, withdrawn or replaced, and the customer is told."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, ShippingAddress
from fallback.domain.errors import NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.order.texts_by_people import read
from fallback.domain.support.late import Late
from fallback.usecases.order.change_order import change_order
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.placement.amending import BY_BIKE, ELSEWHERE, a_settled_order, of_changes

# --- the customer is told


def test_the_customer_is_told_once_when_the_shop_has_their_change_and_not_before() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", TryAgain("away"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert of_changes(world) == []
    world.time_passes()
    assert of_changes(world) == [NoticeKind.CHANGED]


def test_what_the_shop_wrote_down_otherwise_is_not_told_as_done() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert of_changes(world) == []


def test_a_customer_who_cancelled_gets_no_mail_about_a_change() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work(Queue.PLACEMENT)
    world.the_customer_cancels()
    world.time_passes()
    assert of_changes(world) == []


def test_who_takes_their_own_change_back_needs_no_mail() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (of_changes(world), world.headline) == ([], Headline.SETTLED)


# --- taken back


def test_withdrawing_a_refused_change_leaves_the_order_unchanged() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert (world.order.amendment, world.holds) == (None, [])
    assert world.order.customer.wanted_address is None
    assert world.told[-2:] == ["change_taken_back", "verified"]
    assert of_changes(world) == [NoticeKind.NOT_CHANGED]
    assert world.is_settled()


def test_a_change_that_is_taken_back_too_late_is_a_mismatch_for_a_person() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", OutcomeUnknown("lost"), after_effect=True)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    take_back_change(world.container, world.ref, "customer", len(world.ledger.timeline(world.ref)))
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.MISMATCH]


def test_what_a_person_lets_stand_of_a_change_is_done_and_holds_no_more() -> None:
    world = a_settled_order()
    amend = world.primary.amend

    def half_of_it(order: object, *names: object) -> object:
        amend(order)
        there = world.primary.orders[world.ref]
        return world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, city="HULL")))

    world.primary.amend = half_of_it
    elsewhere = ShippingAddress("2 Quay", "Hull upon Humber", "HU1 1AA", country="GB")
    world.the_customer_changes(ChangeOrder(shipping_address=elsewhere))
    world.shifts_work()
    assert world.order.holds[0].detail == "address: not as agreed (city)"
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.is_settled(), "amended" in world.told) == ([], True, True)

    world.the_customer_changes(ChangeOrder(shipping_address=replace(elsewhere, city="Leeds")))
    world.shifts_work()
    assert world.holds == [HoldCode.MISMATCH]


# --- who else acts


def test_the_customer_cancels_instead() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert world.order.amendment is None
    with pytest.raises(NotAllowedNow):
        world.the_customer_changes(BY_BIKE)


def test_who_changes_what_another_has_changed_is_told() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    world.the_customer_changes(ELSEWHERE)
    with pytest.raises(Late) as late:
        change_order(world.container, world.ref, BY_BIKE, "Ann", seen)
    assert [(event.who, event.what) for event in late.value.events] == [("customer", "change_asked")]


def test_the_same_again_writes_nothing() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    asked = world.order
    assert world.the_customer_changes(ELSEWHERE) == asked == world.order


def test_what_a_person_says_of_a_change_is_in_the_mail_about_it_and_else_nothing() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE, sentence="As you asked on the phone.")
    world.time_passes()
    world.the_customer_changes(ChangeOrder(shipping_address=ShippingAddress("3 Quay", "Hull", "HU1 1AA", country="GB")))
    world.time_passes()
    said, nothing = (notice.said for notice in world.order.notices if notice.kind is NoticeKind.CHANGED)
    assert read(world.order, said) == "As you asked on the phone."
    assert nothing == 0
