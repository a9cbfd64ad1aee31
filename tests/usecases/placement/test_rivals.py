"""A purchase that the primary has already, and primaries that cannot refuse it twice: reconcile_order."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.checkout.requests import ChangeOrder, Contact
from fallback.domain.errors import NotAllowedNow, OutcomeUnknown, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.placement.matching import PrimaryLine
from fallback.domain.placement.primary import CartAlreadyOrdered, Duplicates
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.placement.answer_rival_question import Rival, answer_rival_question
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import a_payment, an_order
from tests.usecases.payment.test_refunds import refunded_by_hand
from tests.usecases.world import TOTAL, World, an_authorized_order, released

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


def test_a_rival_that_comes_after_it_was_looked_for_is_told_of_by_the_primary() -> None:
    world = an_authorized_order()
    world.meanwhile("primary", "rivals", world.a_rival)
    world.time_passes()
    assert (world.headline, world.orders_there, world.captured) == (Headline.MERGED, 1, 0)


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


def test_one_that_comes_after_it_was_looked_for_gives_way_too() -> None:
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


def test_also_when_the_shop_names_it_only_in_its_refusal() -> None:
    world = an_authorized_order()
    world.meanwhile("primary", "rivals", lambda: world.a_rival(paid=None))
    world.time_passes(timedelta(minutes=5))
    assert (world.holds, world.headline) == ([HoldCode.MAYBE_PAID], Headline.ON_HOLD)


def test_who_has_paid_there_keeps_that_and_this_one_is_undone() -> None:
    world = perhaps_paid()
    answer_rival_question(world.container, world.ref, Rival.SAME, "customer")
    world.time_passes()
    assert (world.headline, world.captured, world.authorized) == (Headline.CANCELLED, 0, 0)
    assert world.primary.orders["100077"].status == "placed"


def test_who_has_not_paid_there_gets_this_one_once_a_person_has_cancelled_the_other() -> None:
    world = without(perhaps_paid(), "unpaid")
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
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


# --- nearly the same, of the same person


def the_shop_sold_it(world: World) -> None:
    """By themselves in the shop, or by somebody there on the phone, while we had their order."""
    world.a_rival(cart_id="basket-2")


def the_customer_ordered_before(world: World) -> None:
    """With us, a little earlier, from another cart; the shop has that order by now."""
    ours = world.order
    earlier = an_order(received_at=ours.received_at - timedelta(hours=2), placement=PlacementState.VERIFIED)
    world.ledger.keep(replace(earlier, payment=a_payment(PaymentState.CAPTURED)))


RIVALS = pytest.mark.parametrize("appears", [the_shop_sold_it, the_customer_ordered_before])


def asked(appears: Callable[[World], None], duplicates: Duplicates = Duplicates.ENFORCED) -> World:
    world = an_authorized_order(duplicates)
    appears(world)
    world.time_passes(timedelta(minutes=5))
    return world


@RIVALS
@pytest.mark.parametrize("duplicates", [Duplicates.ENFORCED, Duplicates.SEARCH])
def test_the_customer_is_asked_first_and_nothing_is_placed_or_taken_meanwhile(
    appears: Callable[[World], None], duplicates: Duplicates
) -> None:
    world = asked(appears, duplicates)
    assert world.holds == [HoldCode.POSSIBLE_RIVAL]
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.POSSIBLE_RIVAL]
    assert world.order.holds[0].owner == "customer"
    world.time_passes(timedelta(hours=3))
    assert (world.captured, world.primary.calls["place"]) == (0, 0)


@RIVALS
def test_the_customer_wants_both_and_is_not_asked_again(appears: Callable[[World], None]) -> None:
    world = asked(appears)
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
    world.time_passes()
    assert world.is_settled()
    assert world.mails.count(NoticeKind.POSSIBLE_RIVAL) == 1


@RIVALS
def test_the_customer_has_it_already_so_this_one_is_undone(appears: Callable[[World], None]) -> None:
    world = asked(appears)
    answer_rival_question(world.container, world.ref, Rival.SAME, "customer")
    world.time_passes()
    assert (world.headline, world.captured, world.authorized) == (Headline.CANCELLED, 0, 0)
    assert world.primary.calls["place"] == 0
    assert "rival_same" in world.told


def test_an_answer_finishes_the_question_for_everybody() -> None:
    world = asked(the_shop_sold_it)
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
    for answer in Rival:
        with pytest.raises(NotAllowedNow):
            answer_rival_question(world.container, world.ref, answer, "Ann")
    assert not world.order.cancel_asked


def test_what_a_person_releases_is_not_asked_about_again() -> None:
    world = asked(the_shop_sold_it)
    release_hold(world.container, world.ref, HoldCode.POSSIBLE_RIVAL, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_of_two_orders_of_ours_the_later_one_asks() -> None:
    world = an_authorized_order()
    first = world.ref
    world.a_customer_orders(cart_id="basket-2", key="another")
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.POSSIBLE_RIVAL]
    assert world.order.holds[0].detail == first
    assert headline(world.ledger.load(first)) is Headline.SETTLED


def test_what_was_undone_is_no_rival() -> None:
    world = an_authorized_order()
    world.the_customer_cancels()
    world.time_passes()
    world.a_customer_orders(cart_id="basket-2", key="another")
    world.time_passes()
    assert world.is_settled()


def test_a_mail_that_asks_is_not_sent_to_who_has_answered() -> None:
    world = an_authorized_order()
    the_shop_sold_it(world)
    world.time_passes(timedelta(minutes=1), Queue.PLACEMENT)
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
    world.time_passes()
    assert NoticeKind.POSSIBLE_RIVAL not in world.mails


# --- a primary that cannot refuse duplicates


def test_each_order_for_an_unguarded_primary_is_released_by_a_person() -> None:
    world = an_authorized_order(Duplicates.NONE)
    world.time_passes()
    assert (world.holds, world.orders_there) == ([HoldCode.DUPLICATES_UNGUARDED], 0)
    release_hold(world.container, world.ref, HoldCode.DUPLICATES_UNGUARDED, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_a_release_is_good_for_one_try_whose_answer_was_lost() -> None:
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


def bought_again_after_it_was_given_back() -> tuple[World, str]:
    world = an_authorized_order()
    world.time_passes()
    first = world.ref
    refunded_by_hand(world, TOTAL)
    world.time_passes()
    assert world.headline is Headline.REFUNDED
    world.a_customer_orders(key="another")
    world.time_passes(timedelta(minutes=5))
    return world, first


def test_what_was_given_back_is_nothing_to_merge_into_unasked() -> None:
    world, _ = bought_again_after_it_was_given_back()
    assert (world.holds, world.authorized) == ([HoldCode.MAYBE_PAID], TOTAL)


def test_who_has_not_got_it_gets_the_new_one_and_the_old_one_is_cancelled_there() -> None:
    world, first = bought_again_after_it_was_given_back()
    answer_rival_question(world.container, world.ref, Rival.APART, "customer")
    world.time_passes()
    assert world.is_settled()
    assert world.primary.orders[first].status == "cancelled"
