"""The primary has the purchase, but it is unpaid, or the primary does not say whether it is paid."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind
from fallback.domain.placement.primary import CartAlreadyOrdered, Duplicates
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.placement.rivals import KINDS
from tests.usecases.world import TOTAL, World, an_authorized_order, released

# --- an order that the shop made and that nobody has paid


def without(world: World, *names: str) -> World:
    world.primary.can -= frozenset(names)
    return world


@KINDS
def test_an_order_that_waits_for_its_payment_gives_way_to_ours(duplicates: Duplicates) -> None:
    world = an_authorized_order(duplicates)
    world.a_rival(paid=False)
    world.time_passes()
    if duplicates is Duplicates.NONE:
        released(world, HoldCode.DUPLICATES_UNGUARDED)
    assert world.is_settled()
    assert world.primary.orders["100077"].status == "cancelled"
    assert "rival_cancelled" in world.told


def test_an_unpaid_rival_that_appears_after_the_search_gives_way_too() -> None:
    world = an_authorized_order()
    world.meanwhile("primary", "rivals", lambda: world.a_rival(paid=False))
    world.time_passes()
    assert world.is_settled()


def test_a_shop_that_goes_on_refusing_ours_for_what_it_has_cancelled_is_not_asked_for_ever() -> None:
    world = an_authorized_order()
    rival = world.a_rival(paid=False)
    world.primary.fail_next("place", CartAlreadyOrdered(rival), times=100)
    world.time_passes()
    assert world.holds == [HoldCode.POISON]
    assert world.primary.calls["place"] <= POISON_AFTER


def test_one_that_is_paid_at_that_very_moment_is_not_cancelled_and_ours_gives_way() -> None:
    world = an_authorized_order()
    world.a_rival(paid=False)
    world.meanwhile("primary", "cancel_unpaid", world.a_rival, before=True)
    world.time_passes()
    assert (world.headline, world.orders_there, world.captured, world.authorized) == (Headline.MERGED, 1, 0, 0)


def test_a_lost_answer_to_the_cancellation_is_asked_about_again() -> None:
    world = an_authorized_order()
    world.a_rival(paid=False)
    world.primary.fail_next("cancel_unpaid", OutcomeUnknown("lost"), after_effect=True)
    world.time_passes()
    assert world.is_settled()


def test_a_shop_that_cannot_cancel_it_waits_for_a_person_who_does_it_there() -> None:
    world = without(an_authorized_order(), "unpaid")
    world.a_rival(paid=False)
    world.time_passes()
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.BY_HAND], "cancel 100077")
    assert (world.primary.calls["cancel_unpaid"], world.primary.calls["place"], world.captured) == (0, 0, 0)
    assert released(world, HoldCode.BY_HAND).holds == [HoldCode.BY_HAND]

    world.a_rival(paid=False, status="cancelled")
    assert released(world, HoldCode.BY_HAND).is_settled()


def test_what_was_paid_there_while_a_person_looked_is_what_ours_gives_way_to() -> None:
    world = without(an_authorized_order(), "unpaid")
    world.a_rival(paid=False)
    world.time_passes()
    world.a_rival(paid=True)
    assert released(world, HoldCode.BY_HAND).headline is Headline.MERGED


@pytest.mark.parametrize("paid", [None, False])
def test_goods_that_have_left_are_the_purchase_whatever_is_said_of_their_payment(paid: bool | None) -> None:
    world = an_authorized_order()
    world.a_rival(paid=paid, status="shipped")
    world.time_passes()
    assert (world.headline, world.captured) == (Headline.MERGED, 0)


def test_an_unpaid_order_of_another_cart_is_no_purchase_to_ask_about() -> None:
    world = an_authorized_order()
    world.a_rival(cart_id="basket-2", paid=False)
    world.time_passes()
    assert world.is_settled()
    assert world.primary.orders["100077"].status == "placed"


# --- a shop that does not say whether it is paid


def perhaps_paid(duplicates: Duplicates = Duplicates.ENFORCED) -> World:
    world = an_authorized_order(duplicates)
    world.a_rival(paid=None)
    world.time_passes(timedelta(minutes=5))
    return world


@KINDS
def test_where_the_shop_does_not_say_the_customer_is_asked_before_anything_is_done(duplicates: Duplicates) -> None:
    world = perhaps_paid(duplicates)
    assert (world.holds, world.order.holds[0].owner) == ([HoldCode.MAYBE_PAID], "customer")
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.POSSIBLE_RIVAL]
    world.time_passes(timedelta(hours=3))
    assert (world.headline, world.captured, world.primary.calls["place"]) == (Headline.ON_HOLD, 0, 0)
    assert world.authorized == TOTAL


def test_a_rival_that_the_shop_names_only_in_its_refusal_is_asked_about_too() -> None:
    world = an_authorized_order()
    world.meanwhile("primary", "rivals", lambda: world.a_rival(paid=None))
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.headline) == ([HoldCode.MAYBE_PAID], Headline.ON_HOLD)


def test_who_has_paid_there_keeps_that_and_this_one_is_undone() -> None:
    world = perhaps_paid()
    answer_rival_question(world.container, world.ref, RivalAnswer.SAME, "customer")
    world.time_passes()
    assert (world.headline, world.captured, world.authorized) == (Headline.CANCELLED, 0, 0)
    assert world.primary.orders["100077"].status == "placed"


def test_who_has_not_paid_there_gets_this_one_once_a_person_has_cancelled_the_other() -> None:
    world = without(perhaps_paid(), "unpaid")
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes()
    assert (world.holds, world.order.holds[0].detail) == ([HoldCode.BY_HAND], "cancel 100077")
    world.a_rival(status="cancelled", paid=None)
    assert released(world, HoldCode.BY_HAND).is_settled()
    assert world.mails.count(NoticeKind.POSSIBLE_RIVAL) == 1


def test_an_agent_may_answer_for_the_customer() -> None:
    world = without(perhaps_paid(), "unpaid")
    release_hold(world.container, world.ref, HoldCode.MAYBE_PAID, "Ann")
    world.time_passes()
    assert world.holds == [HoldCode.BY_HAND]
