"""Undoing a purchase where the shop cannot cancel, refuses to, or has shipped: a person does it."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.domain.order.patience import PATIENCE
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import wanted
from tests.usecases.order.test_undoing import authorized, settled, verified
from tests.usecases.world import TOTAL, World

# --- a shop that takes no cancellations from here


def of_a_shop_that_cannot_cancel(then: Callable[[World], object] = lambda _: None) -> World:
    world = settled()
    world.primary.can = frozenset({"amend"})
    world.the_customer_cancels()
    world.time_passes()
    then(world)
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes()
    return world


def test_a_shop_that_cannot_cancel_is_not_asked_to_and_a_person_does_it() -> None:
    world = settled()
    world.primary.can = frozenset({"amend"})
    world.the_customer_cancels()
    world.time_passes()
    assert (world.holds, world.primary.calls["cancel"], world.captured) == ([HoldCode.BY_HAND], 0, TOTAL)
    assert world.order.holds[0].detail == f"cancel {world.order.placement.number}"


def test_money_goes_back_once_the_shop_says_that_the_person_has_cancelled_it() -> None:
    world = of_a_shop_that_cannot_cancel(lambda world: world.primary.withdraw(world.ref))
    assert world.is_undone()
    assert world.primary.calls["cancel"] == 0


def test_a_hold_for_a_manual_cancellation_keeps_the_payment_captured() -> None:
    world = of_a_shop_that_cannot_cancel()
    assert (world.holds, world.captured) == ([HoldCode.BY_HAND], TOTAL)


def test_what_left_before_a_person_could_cancel_it_is_told_as_shipped() -> None:
    world = of_a_shop_that_cannot_cancel(
        lambda world: world.primary.keep(replace(world.primary.ours(world.ref), status="shipped"))
    )
    assert (world.holds, world.captured) == ([HoldCode.ALREADY_SHIPPED], TOTAL)


@pytest.mark.parametrize("code", ["not_found", "no_such_route"])
def test_not_found_said_of_the_address_cancels_nothing(code: str) -> None:
    """Many frameworks answer so for a route that they do not have."""
    world = settled()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", Refused(code), times=100)
    world.time_passes()
    assert (world.holds, world.captured, world.orders_there) == ([HoldCode.BY_HAND], TOTAL, 1)


def test_an_answer_that_does_not_say_cancelled_cancels_nothing() -> None:
    world = settled()
    world.the_customer_cancels()
    world.primary.cancel = world.primary.ours
    world.time_passes()
    assert (world.holds, world.captured, world.orders_there) == ([HoldCode.BY_HAND], TOTAL, 1)


def test_an_order_that_reaches_the_primary_after_the_customer_has_cancelled_is_withdrawn_there() -> None:
    """A primary that recovers may work on a request for a while after we gave up waiting for its answer."""
    world = authorized()
    world.primary.fail_next("place", OutcomeUnknown("timeout"))
    world.shifts_work()
    world.the_customer_cancels()
    world.time_passes(PATIENCE - timedelta(seconds=5))
    world.primary.put(wanted(world.order))
    world.time_passes()
    assert world.is_undone()


# --- the goods have left


def shipped() -> World:
    world = verified()
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], status="shipped")
    world.the_customer_cancels()
    world.time_passes(timedelta(hours=1))
    return world


def test_goods_that_have_left_are_a_persons_affair_and_the_primary_is_asked_once() -> None:
    world = shipped()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.ALREADY_SHIPPED])
    assert world.primary.calls["cancel"] == 1
    assert world.captured == 0


def test_after_the_person_the_purchase_stands_and_is_paid_for() -> None:
    world = shipped()
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_who_cancels_inside_the_capture_is_told_that_the_shop_has_it_only_once_the_purchase_stands() -> None:
    world = authorized()

    def the_goods_leave_and_the_customer_cancels() -> None:
        world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], status="shipped")
        world.the_customer_cancels()

    world.meanwhile("gateway", "capture", the_goods_leave_and_the_customer_cancels)
    world.time_passes(timedelta(hours=1))
    assert (world.holds, world.captured) == ([HoldCode.ALREADY_SHIPPED], TOTAL)
    assert NoticeKind.PLACED not in world.mails
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes()
    assert world.is_settled()
    assert world.mails.count(NoticeKind.PLACED) == 1


def test_a_cancellation_that_the_primary_refuses_is_requested_once_and_held_for_a_person() -> None:
    world = settled()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", Refused("closed_account", "No."))
    world.time_passes()
    assert (world.holds, world.primary.calls["cancel"]) == ([HoldCode.PRIMARY_REFUSED], 1)
    release_hold(world.container, world.ref, HoldCode.PRIMARY_REFUSED, "Ann")
    world.time_passes()
    assert world.is_undone()
