"""The same person has nearly the same order: the customer is asked first."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.placement.primary import Duplicates
from fallback.usecases.placement.answer_rival_question import RivalAnswer, answer_rival_question
from fallback.usecases.placement.release_hold import release_hold
from tests.builders import a_payment, an_order
from tests.usecases.world import World, an_authorized_order


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
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes()
    assert world.is_settled()
    assert world.mails.count(NoticeKind.POSSIBLE_RIVAL) == 1


@RIVALS
def test_the_customer_has_it_already_so_this_one_is_undone(appears: Callable[[World], None]) -> None:
    world = asked(appears)
    answer_rival_question(world.container, world.ref, RivalAnswer.SAME, "customer")
    world.time_passes()
    assert (world.headline, world.captured, world.authorized) == (Headline.CANCELLED, 0, 0)
    assert world.primary.calls["place"] == 0
    assert "rival_same" in world.told


def test_an_answer_finishes_the_question_for_everybody() -> None:
    world = asked(the_shop_sold_it)
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    for answer in RivalAnswer:
        with pytest.raises(NotAllowedNow):
            answer_rival_question(world.container, world.ref, answer, "Ann")
    assert not world.order.cancel_asked


def test_what_a_person_releases_is_not_asked_about_again() -> None:
    world = asked(the_shop_sold_it)
    release_hold(world.container, world.ref, HoldCode.POSSIBLE_RIVAL, "Ann")
    world.time_passes()
    assert world.is_settled()


def test_the_later_of_two_similar_orders_asks_the_customer() -> None:
    world = an_authorized_order()
    first = world.ref
    world.a_customer_orders(cart_id="basket-2", key="another")
    world.time_passes(timedelta(minutes=5))
    assert world.holds == [HoldCode.POSSIBLE_RIVAL]
    assert world.order.holds[0].detail == first
    assert headline(world.ledger.load(first)) is Headline.SETTLED


def test_a_cancelled_order_is_no_rival() -> None:
    world = an_authorized_order()
    world.the_customer_cancels()
    world.time_passes()
    world.a_customer_orders(cart_id="basket-2", key="another")
    world.time_passes()
    assert world.is_settled()


def test_a_question_that_was_answered_meanwhile_is_not_mailed() -> None:
    world = an_authorized_order()
    the_shop_sold_it(world)
    world.time_passes(timedelta(minutes=1), Queue.PLACEMENT)
    answer_rival_question(world.container, world.ref, RivalAnswer.APART, "customer")
    world.time_passes()
    assert NoticeKind.POSSIBLE_RIVAL not in world.mails
