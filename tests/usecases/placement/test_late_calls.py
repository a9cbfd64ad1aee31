"""A worker that was suspended before its call, and an order that reached the shop after its end."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.placement.primary import Duplicates
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import wanted
from tests.fakes.primary import cancellation
from tests.usecases.races import ELSEWHERE
from tests.usecases.world import TOTAL, World, an_authorized_order, an_order_with


def to_be_amended() -> World:
    world = settled()
    world.the_customer_changes(ELSEWHERE)
    return world


def settled() -> World:
    world = an_authorized_order()
    world.time_passes()
    return world


def to_be_voided() -> World:
    world = an_authorized_order()
    world.the_customer_cancels()
    world.time_passes(timedelta(seconds=1), Queue.PLACEMENT)
    return world


def to_be_refunded() -> World:
    world = settled()
    world.the_customer_cancels()
    world.time_passes(timedelta(seconds=1), Queue.PLACEMENT)
    return world


def to_be_given_back() -> World:
    world = settled()
    world.an_agent_gives_back(500)
    return world


@pytest.mark.parametrize(
    ("start", "port", "call", "end"),
    [
        (an_order_with, "gateway", "create", World.is_settled),
        (an_order_with, "gateway", "confirm", World.is_settled),
        (an_authorized_order, "primary", "place", World.is_settled),
        (an_authorized_order, "gateway", "capture", World.is_settled),
        (to_be_amended, "primary", "amend", World.is_settled),
        (to_be_voided, "gateway", "void", World.is_undone),
        (to_be_refunded, "gateway", "refund", World.is_undone),
        (to_be_given_back, "gateway", "refund", lambda world: world.captured == TOTAL - 500),
    ],
)
def test_nothing_leaves_after_its_attempt_is_over(
    start: Callable[[], World], port: str, call: str, end: Callable[[World], bool]
) -> None:
    """The process is stopped right before it sends, and goes on when others have settled the attempt."""
    world = start()
    late: list[int] = []
    side = getattr(world, port)

    def stands_still() -> None:
        world.now += 2 * PATIENCE
        world.shifts_work()
        late.append(side.calls[call])

    world.meanwhile(port, call, stands_still, before=True)
    world.time_passes(timedelta(minutes=1))
    assert late == [side.calls[call]] == [1]
    world.time_passes()
    assert end(world)
    assert side.calls[call] == 1


def undone_and_arrived_late(duplicates: Duplicates) -> World:
    """The customer undid the order, then the shop committed it after all, and the customer buys the cart again."""
    world = an_authorized_order(duplicates)
    late = wanted(world.order)
    world.the_customer_cancels()
    world.time_passes()
    assert world.headline is Headline.CANCELLED
    world.primary.placed_at["66"] = world.now
    world.primary.keep(replace(late, id="66", number="100066", status="placed"))
    world.a_customer_orders(key="again")
    return world


@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.KEYED, Duplicates.SEARCH])
def test_what_was_given_up_and_arrived_late_is_undone_there_and_not_merged_into(duplicates: Duplicates) -> None:
    world = undone_and_arrived_late(duplicates)
    world.time_passes()
    assert world.is_settled()


def test_where_the_shop_cannot_cancel_it_a_person_does_it_first() -> None:
    world = undone_and_arrived_late(Duplicates.ENFORCED)
    world.primary.can -= {"cancel"}
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.BY_HAND], "cancel 100066")
    there = next(order for order in world.primary.listed() if order.number == "100066")
    world.primary.keep(replace(there, status="cancelled"))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes()
    assert world.is_settled()


def refuses(world: World) -> None:
    world.primary.fail_next("cancel", Refused("no_such_route"))


def answers_that_it_stands(world: World) -> None:
    there = next(order for order in world.primary.listed() if order.number == "100066")
    world.primary.cancel = lambda ref: cancellation(ref, there)  # type: ignore[method-assign]


@pytest.mark.parametrize("shop", [refuses, answers_that_it_stands])
def test_where_the_shop_does_not_cancel_it_after_all_a_person_does_it_first(shop: Callable[[World], None]) -> None:
    world = undone_and_arrived_late(Duplicates.ENFORCED)
    shop(world)
    world.make_step(Queue.PAYMENT, world.ref)
    world.make_step(Queue.PLACEMENT, world.ref)
    assert [(hold.code, hold.detail) for hold in world.order.holds] == [(HoldCode.BY_HAND, "cancel 100066")]


def test_where_the_shop_names_a_cancellation_and_does_not_serve_it_a_person_undoes_what_came_late() -> None:
    world = an_authorized_order()
    world.primary.can -= {"tombstones"}
    late = wanted(world.order)
    world.primary.fail_next("place", OutcomeUnknown("no answer"))
    world.time_passes(timedelta(seconds=10), Queue.PLACEMENT)
    world.the_customer_cancels()
    world.time_passes(timedelta(minutes=5))
    assert world.headline is Headline.CANCELLED
    world.primary.put(late)
    world.primary.fail_next("cancel", Refused("no_such_route"))
    world.time_passes(timedelta(hours=1))
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.BY_HAND], "cancel 100001")


def test_what_left_the_shop_before_it_could_be_undone_waits_for_a_person() -> None:
    world = undone_and_arrived_late(Duplicates.ENFORCED)
    there = next(order for order in world.primary.listed() if order.number == "100066")
    world.primary.keep(replace(there, status="shipped"))
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.captured) == ([HoldCode.BY_HAND], 0)


def test_a_shop_whose_list_is_behind_is_asked_once() -> None:
    """It says 'cancelled' of what it goes on to list for a moment."""
    world = undone_and_arrived_late(Duplicates.SEARCH)
    behind = [order for order in world.primary.listed() if order.number == "100066"]
    world.primary.rivals = lambda *_: behind  # type: ignore[method-assign]
    world.time_passes()
    assert (world.is_settled(), world.primary.calls["cancel"]) == (True, 1)
