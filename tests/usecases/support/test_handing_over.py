"""From an authorization to one order in the primary and one capture: reconcile_order."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.incident.lost_orders import lost_by_shop
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.record import record
from fallback.domain.placement.primary import Duplicates
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.world import TOTAL, Crash, World, an_authorized_order, deaths_of_workers, released

EFFECT = pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])


def test_an_order_is_placed_read_back_captured_and_told_once() -> None:
    world = an_authorized_order()
    world.time_passes()
    assert world.is_settled()
    assert world.told == ["received", "authorized", "placed", "verified", "captured"]
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PLACED]
    assert world.primary.calls["place"] == world.gateway.calls["capture"] == 1
    assert world.ledger.due == {queue: {} for queue in Queue}


def test_an_unpaid_order_is_not_placed() -> None:
    world = World()
    world.a_customer_orders(None)
    world.time_passes()
    assert world.orders_there == 0
    assert world.headline is Headline.PAYMENT_NEEDED


# --- answers lost, primary away


@EFFECT
def test_a_lost_answer_to_place_is_looked_for_before_it_is_sent_again(after_effect: bool) -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect)
    world.shifts_work(Queue.PLACEMENT)
    assert world.headline is Headline.CHECKING
    world.time_passes()
    assert world.is_settled()
    assert world.primary.calls["place"] == (1 if after_effect else 2)


@EFFECT
@pytest.mark.parametrize("duplicates", [Duplicates.KEYED, Duplicates.SEARCH])
def test_a_primary_that_does_not_enforce_has_it_once_too(duplicates: Duplicates, after_effect: bool) -> None:
    world = an_authorized_order(duplicates)
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.doubles == []


def test_an_order_that_came_there_late_is_found_among_the_rivals() -> None:
    world = an_authorized_order(Duplicates.SEARCH)
    world.primary.fail_next("place", OutcomeUnknown("lost"), after_effect=True)
    world.shifts_work(Queue.PLACEMENT)
    late = world.primary.orders.pop(world.ref)
    world.primary.fail_next("rivals", TryAgain("busy"))
    world.time_passes(PATIENCE + timedelta(seconds=1), Queue.PLACEMENT)  # not found, so it would be sent again
    assert world.order.placement.state is PlacementState.WAITING
    world.primary.keep(late)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.calls["place"] == 1


@pytest.mark.parametrize("call", ["place", "read", "find"])
def test_a_primary_that_is_away_is_waited_for_without_poison(call: str) -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.primary.fail_next(call, TryAgain("503", after=30), times=3 * POISON_AFTER)
    world.time_passes()
    assert world.is_settled()


def test_a_retry_after_is_honoured() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", TryAgain("503", after=120))
    world.time_passes(timedelta(seconds=119))
    assert world.primary.calls["place"] == 1
    world.time_passes(timedelta(seconds=20))
    assert world.is_settled()


def test_an_order_that_is_never_answered_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", OutcomeUnknown("lost"), times=1_000)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.POISON])
    assert world.primary.calls["place"] == POISON_AFTER
    world.primary._faults["place"].clear()
    assert released(world, HoldCode.POISON).is_settled()


def test_an_order_that_kills_whoever_places_it_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.fail_next("place", Crash(), times=1_000)
    assert (deaths_of_workers(world), world.holds) == (POISON_AFTER, [HoldCode.POISON])


# --- conflicts that a person settles with the customer


def test_a_changed_price_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.prices["BK-1"] = 1499
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.PRICE_CHANGED])
    assert (world.order.holds[0].detail, world.captured) == ("BK-1", 0)
    world.primary.prices.clear()
    assert released(world, HoldCode.PRICE_CHANGED).is_settled()


def test_goods_that_are_gone_wait_for_a_person() -> None:
    world = an_authorized_order()
    world.primary.stock["BK-1"] = 1
    world.time_passes()
    assert (world.headline, world.holds, world.captured) == (Headline.ON_HOLD, [HoldCode.OUT_OF_STOCK], 0)


@pytest.mark.parametrize("call", ["place", "find", "read"])
def test_a_refusal_in_the_primarys_own_words_waits_for_a_person(call: str) -> None:
    world = an_authorized_order()
    if call == "find":
        world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.primary.fail_next(call, Refused("closed_account", "No."))
    world.time_passes()
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.PRIMARY_REFUSED], "closed_account: No.")
    assert released(world, HoldCode.PRIMARY_REFUSED).is_settled()


@pytest.mark.parametrize(
    "wrong",
    [{"total": TOTAL - 1}, {"lines": ()}, {"currency": "USD"}, {"cart_id": "other"}, {"status": "cancelled"}],
    ids=repr,
)
def test_an_order_that_reads_back_otherwise_is_never_captured(wrong: dict[str, object]) -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    right = world.primary.orders[world.ref]
    world.primary.orders[world.ref] = replace(right, **wrong)
    world.time_passes()
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.MISMATCH])
    assert world.gateway.calls["capture"] == 0
    world.primary.orders[world.ref] = right  # amended there
    assert released(world, HoldCode.MISMATCH).is_settled()


def written_otherwise(**wrong: object) -> World:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], **wrong)
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.captured) == ([HoldCode.MISMATCH], 0)
    return world


@pytest.mark.parametrize("wrong", [{"total": TOTAL - 1}, {"lines": ()}], ids=repr)
def test_a_mismatch_that_a_person_lets_go_is_settled_by_the_word_of_that_person(wrong: dict[str, object]) -> None:
    world = written_otherwise(**wrong)
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(timedelta(minutes=5))
    assert (world.headline, world.captured, world.holds) == (Headline.SETTLED, TOTAL, [])
    assert world.told.count("on_hold") == 1


def test_what_the_person_did_not_see_is_held_again() -> None:
    world = written_otherwise(total=TOTAL - 1)
    world.primary.orders[world.ref] = replace(world.primary.orders[world.ref], total=TOTAL - 2)
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.captured) == ([HoldCode.MISMATCH], 0)
    assert world.order.holds[0].detail == "total: 30.93 EUR agreed, 30.91 EUR there"


@pytest.mark.parametrize("wrong", [{"currency": "USD"}, {"cart_id": "other"}, {"status": "cancelled"}], ids=repr)
def test_no_money_is_taken_for_what_is_another_order_or_none_whatever_a_person_says(wrong: dict[str, object]) -> None:
    world = released(written_otherwise(**wrong), HoldCode.MISMATCH)
    assert (world.holds, world.captured) == ([HoldCode.MISMATCH], 0)


def test_a_primary_that_has_lost_the_order_has_regressed() -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.orders.clear()
    world.time_passes()
    assert (world.headline, world.holds, world.captured) == (Headline.ON_HOLD, [HoldCode.PRIMARY_REGRESSED], 0)


def test_what_the_primary_lost_before_the_capture_is_placed_there_again_when_a_person_says_so() -> None:
    world = an_authorized_order()
    world.primary.fail_next("read", TryAgain("busy"))
    world.shifts_work(Queue.PLACEMENT)
    world.primary.orders.clear()
    world = released(world, HoldCode.PRIMARY_REGRESSED)
    assert world.is_settled()
    assert (world.orders_there, world.captured) == (1, TOTAL)


@pytest.mark.parametrize("restored", [False, True])
def test_what_it_lost_after_the_capture_is_there_once_and_paid_once(restored: bool) -> None:
    world = an_authorized_order()
    world.time_passes()
    lost = world.primary.orders.pop(world.ref)
    record(world.ledger, world.order, lambda order: lost_by_shop(order, world.now, "desk"))
    if restored:
        world.primary.orders[world.ref] = lost
    world = released(world, HoldCode.PRIMARY_REGRESSED)
    assert world.is_settled()
    assert (world.orders_there, world.captured) == (1, TOTAL)
    assert world.gateway.captures[world.ref] == 1


def test_releasing_a_hold_that_is_not_there_changes_nothing() -> None:
    world = an_authorized_order()
    before = world.order
    release_hold(world.container, world.ref, HoldCode.MISMATCH, "Ann")
    assert world.order == before
