"""Partial refunds: who may grant them, exactly once, and never more than was captured."""

from __future__ import annotations

from datetime import timedelta
from threading import Barrier, Thread
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.errors import FallbackError, Invalid, NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.grants import GrantState
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, Queue
from fallback.domain.payment.policy import Roles
from fallback.domain.payment.refunds import refundable
from fallback.domain.support.accounts import Person
from fallback.domain.support.late import Late
from fallback.usecases.placement.release_hold import release_hold
from tests.usecases.payment.refunding import (
    ABOVE,
    MARA,
    OTTO,
    WITHIN,
    a_settled_order,
    code,
    decides,
    gives,
    refund,
    refunded_by_hand,
    states,
)
from tests.usecases.world import TOTAL, an_authorized_order

# --- within their limit


def test_what_an_agent_grants_goes_back_to_the_card_and_the_customer_is_told() -> None:
    world = a_settled_order()
    gives(world, sentence="Sorry that it took so long.")
    assert world.captured == TOTAL
    world.time_passes()

    assert (world.captured, world.order.payment.refunded) == (TOTAL - WITHIN, WITHIN)
    assert states(world) == [GrantState.MADE]
    assert world.headline is Headline.SETTLED
    assert world.told[-2:] == ["refund_granted", "refunded"]
    assert world.mails.count(NoticeKind.MONEY_BACK) == 1
    assert world.order.notices[-1].said == 1
    assert refundable(world.order) == TOTAL - WITHIN


def test_the_whole_amount_can_be_refunded() -> None:
    world = a_settled_order()
    gives(world, **refund(TOTAL))
    world.time_passes()

    assert (world.headline, world.captured, states(world)) == (Headline.REFUNDED, 0, [GrantState.MADE])
    assert world.mails[-1] is NoticeKind.REFUNDED


def test_each_grant_is_made_once_with_a_key_of_its_own() -> None:
    world = a_settled_order()
    gives(world, amount=500)
    gives(world, amount=500)
    world.time_passes()

    assert world.captured == TOTAL - 1_000
    assert world.gateway.calls["refund"] == 2
    assert states(world) == [GrantState.MADE] * 2


def test_many_small_grants_are_no_poison() -> None:
    world = a_settled_order()
    for _ in range(10):
        gives(world, amount=100)
        world.time_passes()
    assert (world.captured, world.holds) == (TOTAL - 1_000, [])


# --- what is possible


def test_before_anything_was_captured_there_is_nothing_to_refund() -> None:
    world = an_authorized_order()
    with pytest.raises(NotAllowedNow):
        gives(world)


def test_an_order_that_is_being_undone_gives_everything_back_anyway() -> None:
    world = a_settled_order()
    gives(world)
    world.the_customer_cancels()
    with pytest.raises(NotAllowedNow):
        gives(world)
    world.time_passes()
    assert world.is_undone()


@pytest.mark.parametrize(
    ("changes", "said"),
    [
        ({"amount": 0}, "not_positive"),
        ({"amount": -100}, "not_positive"),
        (refund(TOTAL + 1), "too_much"),
        ({"refundable": TOTAL + 1}, "refundable_changed"),
        ({"reason": "price"}, "unknown_reason"),
    ],
)
def test_what_cannot_be_given_is_refused_and_changes_nothing(changes: dict[str, Any], said: str) -> None:
    world = a_settled_order()
    with pytest.raises(Invalid) as refused:
        gives(world, **changes)
    assert code(refused) == said
    assert world.order.grants == ()


def test_a_refused_refund_names_the_field_and_the_reason() -> None:
    world = a_settled_order()
    with pytest.raises(Invalid) as no_reason:
        gives(world, reason="price")
    assert (no_reason.value.field, str(no_reason.value)) == ("reason", "Choose one of the reasons.")
    gives(world, amount=ABOVE)
    with pytest.raises(Invalid) as own:
        decides(world, MARA)
    assert (own.value.field, str(own.value)) == ("approval", "You cannot approve your own request.")
    with pytest.raises(Invalid) as above:
        decides(world, OTTO)
    assert (above.value.field, str(above.value)) == ("approval", "This is above your limit, too.")


def test_a_refund_above_every_limit_cannot_be_requested() -> None:
    world = a_settled_order()
    world.container.policy = replace(world.container.policy, limits=Roles())
    with pytest.raises(Invalid) as refused:
        gives(world)
    found = refused.value
    assert (found.field, found.code, str(found)) == ("amount", "above_every_limit", "This is above every limit.")


def test_what_was_refunded_in_stripes_dashboard_meanwhile_is_no_longer_there() -> None:
    world = a_settled_order()
    refunded_by_hand(world, 93)
    with pytest.raises(Invalid) as refused:
        gives(world, refundable=TOTAL)
    assert code(refused) == "refundable_changed"
    assert refundable(world.order) == 3_000


# --- two at once


def test_the_second_of_two_simultaneous_refunds_is_told_about_the_first() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    gives(world, MARA, **refund(TOTAL), seen=seen)
    with pytest.raises(Late) as late:
        gives(world, OTTO, **refund(TOTAL), seen=seen, refundable=TOTAL)
    world.time_passes()

    assert late.value.events[-1].who == "mara"
    assert (world.captured, len(world.order.grants)) == (0, 1)


def test_the_same_form_sent_twice_is_one_refund() -> None:
    world = a_settled_order()
    seen = len(world.ledger.timeline(world.ref))
    gives(world, **refund(500), seen=seen)
    with pytest.raises(Invalid) as refused:
        gives(world, **refund(500), seen=seen, refundable=TOTAL)
    world.time_passes()

    assert code(refused) == "refundable_changed"
    assert world.captured == TOTAL - 500


def test_two_threads_make_one_grant() -> None:
    world = a_settled_order()
    seen, together, told = len(world.ledger.timeline(world.ref)), Barrier(2), []

    def agent(person: Person) -> None:
        together.wait()
        try:
            gives(world, person, **refund(TOTAL), seen=seen, refundable=TOTAL)
        except FallbackError as error:
            told.append(type(error))

    threads = [Thread(target=agent, args=(person,)) for person in (MARA, OTTO)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()
    world.time_passes()
    assert told == [Late]
    assert (world.captured, len(world.order.grants)) == (0, 1)


# --- what breaks


@pytest.mark.parametrize("after_effect", [False, True])
@pytest.mark.parametrize("error", [TryAgain("away"), OutcomeUnknown("lost"), OutcomeUnknown("500", key_spent=True)])
def test_an_answer_that_is_lost_is_found_and_nothing_goes_back_twice(error: FallbackError, after_effect: bool) -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", error, after_effect and isinstance(error, OutcomeUnknown))
    gives(world)
    world.time_passes()
    assert (world.captured, states(world), world.holds) == (TOTAL - WITHIN, [GrantState.MADE], [])
    assert world.mails.count(NoticeKind.MONEY_BACK) == 1


def test_what_stripe_refuses_waits_for_a_person_and_goes_on_with_another_key() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", Refused("insufficient_balance"))
    gives(world)
    world.time_passes()
    assert world.holds == [HoldCode.PAYMENT_REFUSED]

    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "ada")
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL - WITHIN, [GrantState.MADE])


def test_a_refund_by_hand_while_ours_waits_is_not_taken_for_ours() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", TryAgain("away"))
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    refunded_by_hand(world, WITHIN)
    world.time_passes()
    assert (world.captured, states(world)) == (TOTAL - 2 * WITHIN, [GrantState.MADE])


def test_when_less_is_left_than_was_granted_the_rest_goes_back() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", TryAgain("away"))
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    refunded_by_hand(world, TOTAL - 500)
    world.time_passes()
    assert (world.captured, states(world)) == (0, [GrantState.MADE])
    assert world.headline is Headline.REFUNDED


def test_a_lost_grant_of_an_order_that_is_then_undone_leaves_nothing_behind() -> None:
    world = a_settled_order()
    world.gateway.fail_next("refund", OutcomeUnknown("lost"), after_effect=True)
    gives(world)
    world.time_passes(timedelta(0), Queue.PAYMENT)
    world.the_customer_cancels()
    world.time_passes()
    assert world.is_undone()
    assert states(world) == [GrantState.MADE]
