"""A change of a placed order counts once it is read back from the primary."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.usecases.order.take_back_change import take_back_change
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.placement.amending import (
    BY_BIKE,
    BY_COURIER,
    ELSEWHERE,
    FOR_NOTHING,
    ONE_BOOK,
    a_settled_order,
    of_changes,
    the_shop_has,
    with_offers,
)
from tests.usecases.world import TOTAL, World, an_authorized_order


def a_verified_order() -> World:
    """The shop has it; its payment is not captured yet."""
    world = with_offers(an_authorized_order())
    world.gateway.fail_next("capture", TryAgain("away"), times=1)
    world.shifts_work(Queue.PLACEMENT)
    assert world.states == (PaymentState.AUTHORIZED, PlacementState.VERIFIED)
    return world


def test_after_placement_a_change_counts_when_the_shop_reads_it_back() -> None:
    world = a_settled_order()
    world.the_customer_changes(ELSEWHERE)
    world.the_customer_changes(BY_BIKE)
    assert world.order.customer.address.line1 == "1 Quay"
    assert world.order.delivery.id == "standard"
    assert world.headline is Headline.PLACING
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert (world.order.customer.address.line1, world.order.delivery.id) == ("2 Quay", "bike")
    assert (world.order.amendment, world.order.customer.wanted_address) == (None, None)
    assert world.told[-3:] == ["change_asked", "change_asked", "amended"]
    assert world.is_settled()


def test_the_sum_that_is_agreed_in_the_end_is_captured() -> None:
    world = a_verified_order()
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert the_shop_has(world)[2:] == (1, TOTAL - 1299)
    assert (world.headline, world.captured) == (Headline.SETTLED, TOTAL - 1299)
    assert world.told.index("amended") < world.told.index("captured")


def test_what_was_paid_too_much_goes_back_once_the_shop_has_the_change() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    assert world.order.grants == ()
    world.time_passes()
    assert the_shop_has(world)[2:] == (1, TOTAL - 1299)
    assert (world.headline, world.captured, world.order.payment.amount) == (Headline.SETTLED, *[TOTAL - 1299] * 2)
    assert world.told[-3:] == ["amended", "difference_granted", "refunded"]
    assert world.gateway.calls["refund"] == 1


def test_nothing_goes_back_for_a_change_that_the_shop_did_not_write_down() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused("already_shipped"))
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert (world.captured, world.order.grants) == (TOTAL, ())


def test_each_change_gives_its_own_difference_back() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    world.the_customer_changes(FOR_NOTHING)
    world.time_passes()
    assert [(grant.id, grant.amount) for grant in world.order.grants] == [(1, 1299), (2, 495)]
    assert world.captured == world.order.payment.amount == TOTAL - 1299 - 495
    assert world.gateway.calls["refund"] == 2


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_difference_whose_answer_was_lost_goes_back_once(after_effect: bool) -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", OutcomeUnknown("lost"), after_effect)
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    assert (world.captured, world.headline) == (TOTAL - 1299, Headline.SETTLED)


def test_a_change_that_is_asked_for_while_the_money_is_taken_gives_the_difference_back() -> None:
    world = with_offers(an_authorized_order())
    world.meanwhile("gateway", "capture", lambda: world.the_customer_changes(ONE_BOOK), before=True)
    world.time_passes()
    assert (world.captured, world.headline) == (TOTAL - 1299, Headline.SETTLED)
    assert world.told.index("captured") < world.told.index("amended")


def test_a_change_that_would_refund_more_than_is_left_is_refused() -> None:
    world = a_settled_order()
    world.an_agent_gives_back(TOTAL - 1000)
    world.time_passes()
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(ONE_BOOK)
    assert (refused.value.field, refused.value.code) == ("quantities", "given_back")


def test_a_difference_that_an_agent_gave_back_meanwhile_is_not_given_twice() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    world.an_agent_gives_back(1000)
    world.time_passes()
    assert (world.captured, world.headline) == (world.order.payment.amount, Headline.SETTLED)


def test_a_change_to_a_higher_total_is_refused_once_the_shop_has_the_order() -> None:
    world = a_verified_order()
    with pytest.raises(Invalid) as refused:
        world.the_customer_changes(BY_COURIER)
    assert (refused.value.field, refused.value.code) == ("delivery.id", "costs_more")


def test_while_the_shop_is_away_the_change_stands_as_asked_for() -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", TryAgain("away"), times=3)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert "amended" not in world.told
    assert world.order.customer.address.line1 == "1 Quay"
    world.time_passes()
    assert the_shop_has(world)[0] == "2 Quay"


@pytest.mark.parametrize("after_effect", [False, True])
def test_a_change_whose_answer_was_lost_is_sent_again_when_it_has_had_its_time(after_effect: bool) -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", OutcomeUnknown("lost"), after_effect)
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert world.primary.calls["amend"] == 1
    world.time_passes(timedelta(minutes=1))
    assert world.primary.calls["amend"] == 2
    assert the_shop_has(world)[0] == "2 Quay"
    assert world.is_settled()


def test_what_the_customer_wants_meanwhile_is_what_the_shop_has_in_the_end() -> None:
    world = a_settled_order()
    world.the_customer_changes(BY_BIKE)
    world.meanwhile("primary", "amend", lambda: world.the_customer_changes(ELSEWHERE))
    world.time_passes()
    assert the_shop_has(world) == ("2 Quay", "bike", 2, TOTAL)
    assert world.told[-3:] == ["change_asked", "change_asked", "amended"]


@pytest.mark.parametrize(
    ("code", "hold"),
    [
        ("already_shipped", HoldCode.ALREADY_SHIPPED),
        ("out_of_stock", HoldCode.OUT_OF_STOCK),
        ("slot_gone", HoldCode.PRIMARY_REFUSED),
    ],
)
def test_what_the_shop_will_not_change_has_an_owner_and_stays_visible(code: str, hold: HoldCode) -> None:
    world = a_settled_order()
    world.primary.fail_next("amend", Refused(code))
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work(Queue.PLACEMENT)
    assert world.holds == [hold]
    assert world.order.holds[0].owner
    assert world.order.amendment
    assert world.order.amendment.address
    assert world.told[-2:] == ["change_asked", "on_hold"]


def test_a_shop_that_writes_down_something_else_is_caught() -> None:
    world = a_settled_order()
    amend = world.primary.amend

    def half_of_it(order: object, *names: object) -> object:
        amend(order)
        there = world.primary.orders[world.ref]
        return world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, line1="1 Quay")))

    world.primary.amend = half_of_it
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert world.holds == [HoldCode.MISMATCH]
    assert world.order.holds[0].detail == "address: not as agreed (line1)"
    assert "amended" not in world.told


def test_a_shop_that_takes_no_changes_is_not_asked() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.shifts_work()
    assert (world.primary.calls["amend"], world.holds) == (0, [HoldCode.BY_HAND])


def test_a_change_that_a_person_made_in_the_shop_is_done_when_it_reads_back() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes(timedelta(minutes=1))
    assert world.holds == [HoldCode.BY_HAND]
    there = world.primary.orders[world.ref]
    world.primary.keep(replace(there, shipping_address=replace(there.shipping_address, line1="2 Quay")))
    release_hold(world.container, world.ref, HoldCode.BY_HAND, "Ann")
    world.time_passes()
    assert of_changes(world) == [NoticeKind.CHANGED]
    assert world.is_settled()
    assert world.primary.calls["amend"] == 0


def test_a_change_that_no_shop_heard_of_can_be_taken_back() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    take_back_change(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))
    world.time_passes()
    assert world.is_settled()
    assert world.holds == []


def test_who_waits_for_a_change_by_hand_may_still_cancel() -> None:
    world = a_settled_order()
    world.primary.can = frozenset({"cancel"})
    world.the_customer_changes(ELSEWHERE)
    world.time_passes(timedelta(minutes=1))
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
