"""A purchase that the primary has already, and primaries that cannot refuse it twice: reconcile_order."""

from __future__ import annotations

import pytest

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import Headline
from fallback.domain.order import NoticeKind, PlacementState
from fallback.domain.ports import CartAlreadyOrdered, Duplicates
from tests.usecases.world import an_authorized_order, released

KINDS = pytest.mark.parametrize("duplicates", Duplicates)


# --- rivals


@KINDS
@pytest.mark.parametrize("maybe_taken", [False, True])
def test_a_purchase_that_the_primary_has_is_merged_released_and_told(duplicates: Duplicates, maybe_taken: bool) -> None:
    world = an_authorized_order(duplicates, maybe_taken)
    world.a_rival()
    world.time_passes()
    assert world.headline is Headline.MERGED
    assert (world.order.placement.number, world.orders_there) == ("100077", 1)
    assert (world.authorized, world.captured) == (0, 0)
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.MERGED]


@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.KEYED, Duplicates.SEARCH])
def test_a_rival_that_was_cancelled_is_none(duplicates: Duplicates) -> None:
    world = an_authorized_order(duplicates, maybe_taken=True)
    world.a_rival(status="cancelled")
    world.time_passes()
    assert world.is_settled()


def test_a_primary_that_names_a_cancelled_order_as_rival_waits_for_a_person() -> None:
    world = an_authorized_order()
    world.a_rival(status="cancelled")
    rival = world.primary.orders["100077"]
    world.primary.fail_next("place", CartAlreadyOrdered(rival))
    world.time_passes()
    assert world.holds == [HoldCode.PRIMARY_REFUSED]
    assert world.order.placement.state is PlacementState.HELD


def test_an_order_of_another_cart_is_no_rival() -> None:
    world = an_authorized_order(Duplicates.SEARCH)
    world.a_rival(cart_id="basket-2")
    world.time_passes()
    assert world.is_settled()


# --- a primary that cannot refuse duplicates


def test_each_order_for_an_unguarded_primary_is_released_by_a_person() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    assert (world.holds, world.orders_there) == ([HoldCode.DUPLICATES_UNGUARDED], 0)
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_a_release_is_good_for_one_try_whose_answer_was_lost() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", OutcomeUnknown("lost"))
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert (world.holds, world.primary.calls["place"]) == ([HoldCode.DUPLICATES_UNGUARDED], 1)
    assert released(world, HoldCode.DUPLICATES_UNGUARDED).is_settled()


def test_a_release_outlives_a_primary_that_is_away() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", TryAgain("503"), times=3)
    world.container.release_hold(world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()
