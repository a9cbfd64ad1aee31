"""A refund fails later: a person decides, the customer is told, and nothing is refunded twice."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fallback.domain.errors import NotAllowedNow, OutcomeUnknown
from fallback.domain.order.grants import GrantDecision, GrantState, RefundState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, holds_cart
from fallback.domain.order.order import NoticeKind, PaymentState, Queue
from fallback.domain.payment.news import PaymentNews
from fallback.domain.payment.sent_back import AT_LEAST_EVERY, MAY_FAIL_FOR, READ_BACK
from fallback.usecases.payment.settle_refund import settle_refund
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import WITHIN, a_settled_order, gives, refund, refunded_by_hand, states
from tests.usecases.placement.amending import ONE_BOOK
from tests.usecases.world import TOTAL, World

LATER = timedelta(hours=25)


def came_back(world: World, state: RefundState = RefundState.FAILED, which: int = -1) -> World:
    """Stripe tells it in three events, as it does."""
    world.gateway.change_refund(world.intent_id, state, which)
    for number in range(3):
        world.stripe_says(PaymentNews.REFUND_CHANGED, f"evt_back_{len(world.told)}_{number}")
    world.time_passes(timedelta(minutes=5))
    return world


def an_undone_order() -> World:
    world = a_settled_order()
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    return world


def a_granted_order() -> World:
    world = a_settled_order()
    gives(world)
    world.time_passes()
    assert states(world) == [GrantState.MADE]
    return world


def gone_back(world: World) -> int:
    """What Stripe has sent, and has not got back."""
    return world.gateway.intents[world.intent_id].refunded


def pays_otherwise(world: World) -> None:
    settle_refund(world.container, world.ref, "Ann", len(world.ledger.timeline(world.ref)))


@pytest.mark.parametrize("state", [RefundState.FAILED, RefundState.CANCELED])
def test_an_order_whose_refund_came_back_is_held_for_a_person_and_the_customer_is_told(state: RefundState) -> None:
    world = came_back(an_undone_order(), state)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.REFUND_FAILED])
    assert (world.order.payment.state, world.order.payment.refunded) == (PaymentState.CAPTURED, 0)
    assert world.order.owner
    assert world.told.count("refund_failed") == 1
    assert world.mails.count(NoticeKind.REFUND_FAILED) == 1
    assert world.gateway.calls["refund"] == 1


@pytest.mark.parametrize("state", [RefundState.PENDING, RefundState.REQUIRES_ACTION, RefundState.SUCCEEDED])
def test_a_refund_that_is_under_way_is_no_news(state: RefundState) -> None:
    world = came_back(an_undone_order(), state)
    assert (world.headline, world.holds) == (Headline.REFUNDED, [])
    assert [each.state for each in world.order.payment.refunds] == [state]


@pytest.mark.parametrize("passes", [timedelta(minutes=5), LATER])
def test_a_failed_refund_is_sent_again_once_with_a_new_key(passes: timedelta) -> None:
    world = came_back(an_undone_order())
    world.time_passes(passes)
    assert gone_back(world) == 0
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes()
    world.time_passes(LATER)
    assert (world.headline, gone_back(world), world.holds) == (Headline.REFUNDED, TOTAL, [])
    assert world.gateway.calls["refund"] == 2
    assert world.mails.count(NoticeKind.REFUNDED) == 2


def test_what_was_paid_in_another_way_is_not_sent_again() -> None:
    world = came_back(an_undone_order())
    pays_otherwise(world)
    world.time_passes(LATER)
    assert (world.headline, gone_back(world), world.gateway.calls["refund"]) == (Headline.REFUNDED, 0, 1)
    assert world.order.payment.refunds[0].answer is GrantDecision.OTHERWISE


def test_a_refund_that_was_sent_again_may_fail_again() -> None:
    world = came_back(an_undone_order())
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes()
    came_back(world)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, [HoldCode.REFUND_FAILED])
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes()
    assert (world.headline, gone_back(world), world.gateway.calls["refund"]) == (Headline.REFUNDED, TOTAL, 3)


def test_a_cart_that_was_free_again_stays_free() -> None:
    world = an_undone_order()
    assert not holds_cart(world.order)
    assert not holds_cart(came_back(world).order)


@pytest.mark.parametrize("passes", [timedelta(minutes=5), LATER])
def test_a_grant_that_came_back_is_made_again_when_a_person_says_so(passes: timedelta) -> None:
    world = came_back(a_granted_order())
    assert (states(world), world.holds) == ([GrantState.FAILED], [HoldCode.REFUND_FAILED])
    assert world.headline is Headline.ON_HOLD
    world.time_passes(passes)
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes()
    world.time_passes(LATER)
    assert (states(world), gone_back(world), world.headline) == ([GrantState.MADE], WITHIN, Headline.SETTLED)


def test_the_next_grant_is_made_after_the_failed_one_is_answered_and_both_once() -> None:
    world = came_back(a_granted_order())
    gives(world, **refund(500))
    world.time_passes(LATER)
    assert (states(world), gone_back(world)) == ([GrantState.FAILED, GrantState.GRANTED], 0)
    pays_otherwise(world)
    world.time_passes(LATER)
    assert (states(world), gone_back(world)) == ([GrantState.MADE, GrantState.MADE], 500)
    assert world.holds == []


def test_no_more_goes_back_than_was_taken_though_one_was_paid_in_another_way() -> None:
    world = came_back(a_granted_order())
    pays_otherwise(world)
    gives(world, **refund(TOTAL - WITHIN))
    world.time_passes()
    assert (world.headline, gone_back(world)) == (Headline.REFUNDED, TOTAL - WITHIN)


def test_a_difference_that_came_back_is_not_sent_by_the_next_change() -> None:
    world = a_settled_order()
    world.the_customer_changes(ONE_BOOK)
    world.time_passes()
    came_back(world)
    assert (states(world), gone_back(world)) == ([GrantState.FAILED], 0)
    pays_otherwise(world)
    world.time_passes()
    assert (states(world), gone_back(world), world.headline) == ([GrantState.MADE], 0, Headline.SETTLED)


def test_an_order_that_is_undone_while_a_refund_is_undecided_waits_for_the_decision() -> None:
    world = came_back(a_granted_order())
    world.the_customer_cancels()
    world.time_passes(LATER)
    assert (world.headline, world.holds, gone_back(world)) == (Headline.ON_HOLD, [HoldCode.REFUND_FAILED], 0)
    pays_otherwise(world)
    world.time_passes()
    assert (world.headline, gone_back(world)) == (Headline.REFUNDED, TOTAL - WITHIN)


def test_a_refund_by_hand_that_came_back_is_held_too() -> None:
    world = a_settled_order()
    refunded_by_hand(world, 500)
    came_back(world)
    assert (world.holds, world.order.payment.refunded) == ([HoldCode.REFUND_FAILED], 0)
    release_hold(world.container, world.ref, HoldCode.REFUND_FAILED, "Ann")
    world.time_passes()
    assert (world.headline, gone_back(world)) == (Headline.SETTLED, 500)
    assert world.order.payment.undecided == 0


def test_a_refund_by_hand_that_was_paid_in_another_way_is_not_sent_again() -> None:
    world = a_settled_order()
    refunded_by_hand(world, 500)
    came_back(world)
    pays_otherwise(world)
    world.time_passes()
    assert (world.headline, gone_back(world), states(world)) == (Headline.SETTLED, 0, [])


def test_what_was_sent_again_in_the_dashboard_needs_no_person_any_more() -> None:
    world = came_back(an_undone_order())
    refunded_by_hand(world, TOTAL)
    world.time_passes(LATER)
    assert (world.headline, world.holds, gone_back(world)) == (Headline.REFUNDED, [], TOTAL)


def test_goods_do_not_wait_for_money_that_came_back() -> None:
    world = came_back(a_granted_order())
    world.the_customer_changes(ONE_BOOK)
    world.time_passes(timedelta(minutes=5))
    assert "amended" in world.told
    assert states(world) == [GrantState.FAILED, GrantState.GRANTED]


def test_an_answer_that_was_lost_is_known_by_the_grant_and_not_by_the_sum() -> None:
    """The first refund comes back while the answer to the second is lost: the sum is what it was."""
    world = a_granted_order()
    gives(world, **refund(WITHIN))
    world.gateway.fail_next("refund", OutcomeUnknown("lost"), after_effect=True)
    world.make_step(Queue.PAYMENT, world.ref)
    world.gateway.change_refund(world.intent_id, RefundState.FAILED, 0)
    world.time_passes(timedelta(minutes=5))
    assert states(world) == [GrantState.FAILED, GrantState.MADE]
    assert (gone_back(world), world.gateway.calls["refund"]) == (WITHIN, 2)


def test_only_what_came_back_can_be_paid_in_another_way() -> None:
    with pytest.raises(NotAllowedNow):
        pays_otherwise(a_granted_order())


@pytest.mark.parametrize("made", [an_undone_order, a_granted_order])
def test_a_refund_that_is_under_way_is_read_back_though_the_news_of_its_end_is_lost(made: Callable[[], World]) -> None:
    world = came_back(made(), RefundState.PENDING)
    before = world.gateway.calls["retrieve"]
    world.time_passes(5 * READ_BACK)
    assert 4 <= world.gateway.calls["retrieve"] - before <= 6
    assert world.holds == []
    world.gateway.change_refund(world.intent_id, RefundState.FAILED)
    world.time_passes(READ_BACK + timedelta(minutes=1))
    assert world.holds == [HoldCode.REFUND_FAILED]
    assert world.mails.count(NoticeKind.REFUND_FAILED) == 1


@pytest.mark.parametrize("days", [0, 3, 9, 29])
@pytest.mark.parametrize("made", [an_undone_order, a_granted_order])
def test_one_that_succeeded_and_fails_later_is_found_though_the_news_of_it_is_lost(
    made: Callable[[], World], days: int
) -> None:
    world = made()
    world.time_passes(timedelta(days=days))
    assert world.holds == []
    world.gateway.change_refund(world.intent_id, RefundState.FAILED)
    world.time_passes(min(max(READ_BACK, timedelta(days=days)), AT_LEAST_EVERY) + timedelta(minutes=1))
    assert world.holds == [HoldCode.REFUND_FAILED]
    assert world.mails.count(NoticeKind.REFUND_FAILED) == 1


def test_a_refund_that_can_no_longer_fail_is_not_read_again() -> None:
    world = an_undone_order()
    before = world.gateway.calls["retrieve"]
    world.time_passes(MAY_FAIL_FOR + AT_LEAST_EVERY)
    assert world.gateway.calls["retrieve"] - before == 8  # after 1, 2, 4, 8, 15, 22, 29 and 36 days
    world.time_passes(MAY_FAIL_FOR)
    assert (world.gateway.calls["retrieve"] - before, world.headline) == (8, Headline.REFUNDED)


def test_the_next_grant_does_not_wait_for_a_refund_that_is_under_way() -> None:
    world = came_back(a_granted_order(), RefundState.PENDING)
    gives(world, amount=1)
    world.time_passes(timedelta(seconds=1))
    assert states(world) == [GrantState.MADE, GrantState.MADE]
