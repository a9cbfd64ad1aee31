"""An order that was sent and then cancelled is never left in the shop, whenever it arrives."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.next_step import due_times
from fallback.domain.order.order import Order, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.placement.late_arrivals import LOOKED_FOR
from fallback.domain.placement.primary import CANCEL, TOMBSTONES, Duplicates
from fallback.usecases.placement.merge_order import merge_order
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import wanted
from tests.fakes.primary import cancellation
from tests.usecases.world import LONG, World, an_authorized_order

MINUTE = timedelta(minutes=1)


def sent_and_lost(duplicates: Duplicates = Duplicates.ENFORCED, *, cannot: str = "") -> tuple[World, Order]:
    """The shop has not answered, and does not have it yet; and the order as it was sent."""
    world = an_authorized_order(duplicates)
    world.primary.can -= frozenset(cannot.split())
    world.primary.fail_next("place", OutcomeUnknown("no answer"))
    world.make_step(Queue.PLACEMENT, world.ref)
    assert world.order.placement.state is PlacementState.UNKNOWN
    return world, world.order


def arrives(world: World, order: Order) -> None:
    """The shop commits at last what was sent to it long ago."""
    world.primary.put(wanted(order))


def undone(world: World) -> World:
    world.the_customer_cancels()
    world.time_passes(PATIENCE + MINUTE)
    assert world.headline is Headline.CANCELLED
    return world


def test_a_shop_with_tombstones_refuses_what_comes_after_its_end() -> None:
    world, order = sent_and_lost()
    undone(world)
    with pytest.raises(Refused, match=world.ref) as refusal:
        arrives(world, order)
    assert refusal.value.code == "cancelled"
    assert world.order.placement.late_since is None


def test_no_money_is_let_go_before_the_shop_refuses_it() -> None:
    world, order = sent_and_lost()

    def comes() -> None:
        with pytest.raises(Refused):
            arrives(world, order)

    world.meanwhile("gateway", "void", comes, before=True)
    undone(world)
    assert (world.is_undone(), world.primary.tombstones) == (True, {world.ref})


def sent_and_not_there(**how: str) -> tuple[World, Order]:
    """Asked, the shop says that it does not have it; a person decides whether it goes on."""
    world, order = sent_and_lost(**how)
    world.primary.fail_next("rivals", Refused("too_many_orders"))
    world.time_passes(PATIENCE)
    assert world.order.placement.state is PlacementState.WAITING
    return world, order


def test_an_order_that_was_sent_but_is_not_in_the_shop_is_cancelled_at_once_and_there_too() -> None:
    world, _ = sent_and_not_there()
    world.the_customer_cancels()
    assert world.order.placement.state is PlacementState.CANCELLED
    world.shifts_work()
    assert (world.is_undone(), world.primary.tombstones) == (True, {world.ref})
    assert "late_undone" not in world.told


LOOKS_AGAIN = pytest.mark.parametrize(("cannot", "looks"), [("", False), (TOMBSTONES, True)], ids=["never", "again"])


@LOOKS_AGAIN
def test_what_came_late_is_undone_there_under_its_number_and_looked_for_where_it_can_come_again(
    cannot: str, looks: bool
) -> None:
    world, order = sent_and_not_there(cannot=cannot)
    world.the_customer_cancels()
    arrives(world, order)
    world.time_passes(MINUTE)
    [event] = [event for event in world.ledger.timeline(world.ref) if event.what == "late_undone"]
    assert (world.is_undone(), event.data) == (True, {"number": world.primary.orders[world.ref].number})
    assert (world.primary.calls["cancel"], Queue.PLACEMENT in due_times(world.order)) == (1, looks)


@LOOKS_AGAIN
def test_what_the_shop_cancelled_is_looked_for_where_it_can_come_again(cannot: str, looks: bool) -> None:
    world = an_authorized_order()
    world.primary.can -= frozenset(cannot.split())
    world.time_passes(MINUTE)
    assert world.headline is Headline.SETTLED
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    assert world.is_undone()
    assert (world.primary.calls["cancel"], Queue.PLACEMENT in due_times(world.order)) == (1, looks)


def test_what_was_never_sent_is_not_mentioned_to_the_shop() -> None:
    world = an_authorized_order()
    world.the_customer_cancels()
    world.time_passes()
    assert (world.headline, world.primary.calls["cancel"], world.primary.calls["find"]) == (Headline.CANCELLED, 0, 0)


def test_what_a_person_found_there_under_another_number_is_cancelled_under_our_ref() -> None:
    world, _ = sent_and_not_there()
    merge_order(
        world.container,
        world.ref,
        HoldCode.PRIMARY_REFUSED,
        "100077",
        True,
        "Ann",
        len(world.ledger.timeline(world.ref)),
    )
    world.time_passes(MINUTE)
    assert (world.headline, world.primary.tombstones) == (Headline.MERGED, {world.ref})


def test_what_was_merged_after_it_was_sent_is_cancelled_under_our_ref() -> None:
    world, _ = sent_and_lost()
    world.a_rival()
    world.time_passes(PATIENCE + MINUTE)
    assert world.headline is Headline.MERGED
    assert (world.primary.tombstones, world.orders_there) == ({world.ref}, 1)


@pytest.mark.parametrize("after", [timedelta(seconds=5), MINUTE, timedelta(hours=1), timedelta(hours=23)])
@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.KEYED, Duplicates.SEARCH])
def test_a_shop_without_tombstones_is_asked_again_and_what_came_late_is_undone(
    duplicates: Duplicates, after: timedelta
) -> None:
    world, order = sent_and_lost(duplicates, cannot=TOMBSTONES)
    undone(world)
    world.time_passes(after)
    arrives(world, order)
    assert world.orders_there == 1
    world.time_passes(LOOKED_FOR)
    assert (world.orders_there, world.is_undone(), world.holds) == (0, True, [])
    assert "late_undone" in world.told


def test_the_shop_is_asked_for_a_cancelled_order_less_and_less_often_and_not_for_ever() -> None:
    world, _ = sent_and_lost(cannot=TOMBSTONES)
    undone(world)
    before, asked = world.primary.calls["find"], []
    for _ in range(4):
        world.time_passes(LONG)
        asked.append(world.primary.calls["find"] - before)
    assert 8 <= asked[0] <= 16
    assert asked[0] < asked[1] <= asked[0] + 2
    assert asked[1] == asked[2] == asked[3]
    assert world.ledger.due[Queue.PLACEMENT] == {}


def test_a_shop_that_knows_nothing_of_it_is_not_asked_for_ever_to_refuse_it() -> None:
    world, _ = sent_and_not_there()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", Refused("not_found"), times=100)
    world.time_passes(LONG)
    assert 8 <= world.primary.calls["cancel"] <= 16
    world.time_passes(LOOKED_FOR)
    assert (world.is_undone(), world.holds, world.ledger.due[Queue.PLACEMENT]) == (True, [], {})


def test_what_the_shop_did_not_cancel_although_it_answers_a_person_cancels_there() -> None:
    world, order = sent_and_not_there()
    world.the_customer_cancels()
    arrives(world, order)
    world.primary.cancel = lambda ref: cancellation(ref, world.primary.orders[ref])  # type: ignore[method-assign]
    world.time_passes(MINUTE)
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.BY_HAND, "cancel 100001")]


def came_late_where_only_a_person_can_cancel() -> World:
    world, order = sent_and_lost(cannot=f"{TOMBSTONES} cancel")
    undone(world)
    arrives(world, order)
    world.time_passes(timedelta(hours=1))
    return world


def test_where_the_shop_cannot_cancel_a_person_by_name_does_it() -> None:
    world = came_late_where_only_a_person_can_cancel()
    [hold] = world.order.holds
    number = world.primary.orders[world.ref].number
    assert (hold.code, hold.detail, bool(world.order.owner)) == (HoldCode.BY_HAND, f"cancel {number}", True)
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes(MINUTE)
    assert world.holds == [HoldCode.BY_HAND]  # it stands there still

    world.primary.keep(replace(world.primary.orders[world.ref], status="cancelled"))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes(LOOKED_FOR)
    assert (world.holds, world.ledger.due) == ([], {queue: {} for queue in Queue})


def test_an_order_that_was_shipped_before_it_was_found_is_held_for_a_person() -> None:
    world, order = sent_and_lost(cannot=TOMBSTONES)
    undone(world)
    arrives(world, order)
    world.primary.keep(replace(world.primary.orders[world.ref], status="shipped"))
    world.time_passes(timedelta(hours=1))
    [hold] = world.order.holds
    assert (hold.code, hold.detail) == (HoldCode.ALREADY_SHIPPED, world.primary.orders[world.ref].number)
    release_hold(world.container, world.ref, HoldCode.ALREADY_SHIPPED, "Ann")
    world.time_passes(LOOKED_FOR)
    assert world.holds == []


def test_what_left_the_shop_before_a_person_could_cancel_it_there_is_held_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.can -= {CANCEL}
    world.time_passes(MINUTE)
    world.primary.keep(replace(world.primary.orders[world.ref], status="shipped"))
    world.the_customer_cancels()
    world.time_passes(MINUTE)
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.ALREADY_SHIPPED, "100001")]


def test_a_shop_that_stopped_a_cancellation_half_way_is_asked_again_when_its_limit_allows() -> None:
    world, _ = sent_and_not_there()
    world.the_customer_cancels()
    world.primary.fail_next("cancel", OutcomeUnknown("stopped half-way", after=60))
    world.make_step(Queue.PLACEMENT, world.ref)
    assert due_times(world.order)[Queue.PLACEMENT] >= world.now + MINUTE


def test_the_customer_whose_purchase_is_over_hears_nothing_of_it() -> None:
    world = came_late_where_only_a_person_can_cancel()
    mails = list(world.mails)
    world.time_passes(timedelta(days=3))
    assert (world.holds, world.mails) == ([HoldCode.BY_HAND], mails)


def test_our_own_order_that_a_person_took_for_another_is_not_cancelled_behind_the_customers_back() -> None:
    """They were told that they have it under this number: a person sees to that, too."""
    world, order = sent_and_not_there()
    arrives(world, order)
    number = world.primary.orders[world.ref].number
    seen = len(world.ledger.timeline(world.ref))
    merge_order(world.container, world.ref, HoldCode.PRIMARY_REFUSED, number, True, "Ann", seen)
    world.time_passes(timedelta(hours=1))
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.BY_HAND, f"cancel {number}")]
    assert (world.orders_there, bool(world.order.owner)) == (1, True)


@pytest.mark.parametrize("code", ["not_found", "no_such_route"])
def test_where_the_shop_has_no_address_for_it_after_all_a_person_cancels(code: str) -> None:
    world, order = sent_and_lost(cannot=TOMBSTONES)
    undone(world)
    arrives(world, order)
    world.primary.fail_next("cancel", Refused(code))
    world.time_passes(timedelta(hours=1))
    assert world.holds == [HoldCode.BY_HAND]


@pytest.mark.parametrize("error", [TryAgain("away"), OutcomeUnknown("no answer")])
@pytest.mark.parametrize(("call", "cannot"), [("cancel", ""), ("find", TOMBSTONES)])
def test_a_shop_that_does_not_answer_is_asked_again(call: str, cannot: str, error: Exception) -> None:
    world, order = sent_and_not_there(cannot=cannot)
    world.the_customer_cancels()
    if cannot:
        arrives(world, order)
    world.primary.fail_next(call, error, times=3)
    world.time_passes(timedelta(hours=1))
    assert world.is_undone()
    assert world.primary.tombstones or "late_undone" in world.told


def test_the_same_cart_bought_again_is_not_held_up_by_what_came_late() -> None:
    world, order = sent_and_lost(cannot=TOMBSTONES)
    undone(world)
    arrives(world, order)
    world.a_customer_orders(key="again")
    world.time_passes()
    assert world.is_settled()
