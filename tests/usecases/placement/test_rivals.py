"""The primary already has the purchase, or cannot refuse duplicates: reconcile_order."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.checkout.requests import ChangeOrder, Contact
from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.order.grants import RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PlacementState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.domain.placement.matching import PrimaryLine
from fallback.domain.placement.primary import CartAlreadyOrdered, Duplicates
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import refunded_by_hand
from tests.usecases.placement.rivals import KINDS
from tests.usecases.world import TOTAL, World, an_authorized_order, released

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


def test_a_rival_that_comes_after_it_was_looked_for_is_told_of_by_the_primary() -> None:
    world = an_authorized_order()
    world.meanwhile("primary", "rivals", world.a_rival)
    world.time_passes()
    assert (world.headline, world.orders_there, world.captured) == (Headline.MERGED, 1, 0)


@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.KEYED, Duplicates.SEARCH])
def test_an_order_that_was_cancelled_in_the_shop_is_no_rival(duplicates: Duplicates) -> None:
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
    assert world.order.placement.state is PlacementState.WAITING


def test_an_order_of_another_cart_for_other_things_is_no_rival() -> None:
    world = an_authorized_order(Duplicates.SEARCH)
    world.a_rival(cart_id="basket-2", lines=(PrimaryLine("LAMP-2", 1, 8999),))
    world.time_passes()
    assert world.is_settled()


def known_by_phone(world: World) -> World:
    """The shop took the order on the phone, and has no address of theirs."""
    reached = Contact("Iris Murdoch", "iris@example.org", "+44 1482 000111")
    world.the_customer_changes(ChangeOrder(contact=reached))
    world.a_rival(cart_id="basket-2", email=None, phone="01482 000 111")
    world.time_passes(timedelta(minutes=5))
    return world


def test_the_customer_whom_the_shop_knows_by_their_number_only_is_asked() -> None:
    world = known_by_phone(an_authorized_order())
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.POSSIBLE_RIVAL], "100077")


def test_a_shop_that_cannot_find_by_number_is_not_asked_for_it() -> None:
    world = an_authorized_order()
    world.primary.can = frozenset({"amend", "cancel", "slots"})
    assert known_by_phone(world).is_settled()


# --- a primary that cannot refuse duplicates


def test_each_order_for_an_unguarded_primary_is_released_by_a_person() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    assert (world.holds, world.orders_there) == ([HoldCode.DUPLICATES_UNGUARDED], 0)
    release_hold(world.container, world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_a_release_of_an_unguarded_order_allows_one_attempt() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", OutcomeUnknown("lost"))
    release_hold(world.container, world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert (world.holds, world.primary.calls["place"]) == ([HoldCode.DUPLICATES_UNGUARDED], 1)
    assert released(world, HoldCode.DUPLICATES_UNGUARDED).is_settled()


def test_a_release_outlives_a_primary_that_is_away() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    world.primary.fail_next("place", TryAgain("503"), times=3)
    release_hold(world.container, world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


# --- an order of ours that was given back by hand, and stands in the shop all the same


def given_back_and_ordered_again() -> tuple[World, str]:
    """The shop has not heard of the second order yet."""
    world = an_authorized_order()
    world.time_passes()
    first = world.ref
    refunded_by_hand(world, TOTAL)
    world.time_passes()
    assert world.headline is Headline.REFUNDED
    world.a_customer_orders(key="another")
    return world, first


def bought_again_after_it_was_given_back() -> tuple[World, str]:
    world, first = given_back_and_ordered_again()
    world.time_passes(timedelta(minutes=5))
    return world, first


def its_refund_comes_back(world: World, first: str) -> None:
    intent = world.ledger.load(first).payment.intent
    assert intent
    world.gateway.change_refund(intent, RefundState.FAILED)
    world.stripe_says(PaymentNews.REFUND_CHANGED, "evt_back", intent)
    world.time_passes(timedelta(minutes=5), Queue.PAYMENT)
    assert [hold.code for hold in world.ledger.load(first).holds] == [HoldCode.REFUND_FAILED]


def test_an_order_is_not_merged_into_a_refunded_one_without_asking() -> None:
    world, _ = bought_again_after_it_was_given_back()
    assert (world.holds, world.authorized) == ([HoldCode.MAYBE_PAID], TOTAL)


def test_a_customer_who_wants_this_order_gets_it_and_the_refunded_one_is_cancelled_in_the_shop() -> None:
    world, first = bought_again_after_it_was_given_back()
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes()
    assert world.is_settled()
    assert world.primary.orders[first].status == "cancelled"


def test_an_order_is_not_merged_into_one_whose_refund_came_back_without_asking() -> None:
    """That money is still to reach the customer: only they know whether they want the goods of either order."""
    world, first = given_back_and_ordered_again()
    its_refund_comes_back(world, first)
    world.time_passes()
    assert (world.holds, world.authorized) == ([HoldCode.MAYBE_PAID], TOTAL)


def test_the_customers_answer_counts_though_the_refund_came_back_since() -> None:
    world, first = bought_again_after_it_was_given_back()
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    its_refund_comes_back(world, first)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.orders[first].status == "cancelled"
    assert world.ledger.ref_of_cart(world.order.cart_id) == world.ref
