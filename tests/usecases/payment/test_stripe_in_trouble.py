"""Stripe is down, loses responses, saves errors, refuses calls: authorize_payment, follow_payment."""

from __future__ import annotations

from datetime import timedelta
from functools import partial

import pytest

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import PaymentState, PlacementState, Queue
from fallback.domain.order.patience import PATIENCE
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.domain.retries import POISON_AFTER
from fallback.usecases.payment.authorize_payment import authorize_payment
from fallback.usecases.payment.follow_payment import follow_payment
from fallback.usecases.payment.void_payment import void_payment
from fallback.usecases.placement.release_hold import release_hold
from tests.fakes.gateway import VISA
from tests.usecases.world import Crash, an_order_with, only_the_payment

CALLS = ["create", "confirm"]
P = PaymentState


# --- Stripe away, answers lost, refusals


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_did_not_happen_is_made_again_under_the_same_key(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, TryAgain("down"), times=20)
    only_the_payment(world, timedelta(hours=1))
    assert world.headline is Headline.WAITING
    assert world.holds == []
    assert len(world.gateway.intents) == 1


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
def test_a_lost_answer_is_unknown_and_then_found_out(call: str, after_effect: bool) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, OutcomeUnknown("lost"), after_effect)
    world.shifts_work(Queue.PAYMENT)
    assert world.headline is Headline.CHECKING
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert len(world.gateway.intents) == 1
    assert world.told == ["received", "payment_unknown", "authorized"]


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
def test_a_question_that_gets_no_answer_is_asked_again(call: str, after_effect: bool) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, OutcomeUnknown("lost"), after_effect)
    for question in ("find", "retrieve"):
        world.gateway.fail_next(question, TryAgain("down"), times=5)
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert len(world.gateway.intents) == 1


@pytest.mark.parametrize("call", CALLS)
@pytest.mark.parametrize("after_effect", [False, True], ids=["before its effect", "after its effect"])
def test_an_error_that_is_saved_under_the_key_is_got_round_by_asking_and_a_new_key(
    call: str, after_effect: bool
) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, OutcomeUnknown("500", key_spent=True), after_effect)
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert sum(intent.state is IntentState.AUTHORIZED for intent in world.gateway.intents.values()) == 1


@pytest.mark.parametrize("call", CALLS)
def test_a_refusal_waits_for_a_person_and_is_tried_anew_after_them(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, Refused("account_invalid"), after_effect=False)
    only_the_payment(world)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, ["payment_refused"])
    assert world.order.holds[0].detail == "account_invalid"
    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    only_the_payment(world)
    assert world.headline is Headline.WAITING


def test_a_refusal_that_stripe_keeps_under_the_key_does_not_come_back_after_the_release() -> None:
    world = an_order_with(VISA)
    key = f"{world.ref}:create"
    world.gateway._saved[key] = (("create", world.ref, world.order.total), Refused("account_invalid"))
    only_the_payment(world)
    assert world.holds == ["payment_refused"]
    release_hold(world.container, world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    only_the_payment(world)
    assert world.headline is Headline.WAITING


@pytest.mark.parametrize("call", CALLS)
def test_an_order_whose_calls_keep_failing_is_held_for_a_person(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, OutcomeUnknown("lost"), times=1_000)
    only_the_payment(world, timedelta(days=1))
    assert (world.headline, world.holds) == (Headline.ON_HOLD, ["poison"])
    assert world.gateway.calls[call] <= POISON_AFTER
    assert world.ledger.count_due(Queue.PAYMENT) == 0


@pytest.mark.parametrize("call", CALLS)
def test_an_order_that_kills_whoever_takes_it_waits_for_a_person(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, Crash(), times=1_000)
    deaths = 0
    for _ in range(3 * POISON_AFTER):
        try:
            only_the_payment(world, PATIENCE)
        except Crash:
            deaths += 1
            world.restart()
    assert world.holds == ["poison"]
    assert deaths <= POISON_AFTER


def test_an_attempt_is_left_alone_while_its_caller_may_be_alive() -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next("confirm", Crash(), after_effect=True)
    with pytest.raises(Crash):
        world.shifts_work(Queue.PAYMENT)
    follow_payment(world.container, world.order)
    assert world.order.payment.attempt
    assert world.gateway.calls["retrieve"] == 0
    only_the_payment(world, PATIENCE)
    assert world.headline is Headline.WAITING


def test_a_lost_second_intent_is_not_taken_for_the_first_that_lapsed() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    world.gateway.lapse(world.intent_id)
    world.stripe_says(PaymentNews.VOIDED)
    only_the_payment(world)
    world.the_customer_gives(VISA)
    world.gateway.fail_next("create", OutcomeUnknown("lost"))
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert world.told.count("authorization_lapsed") == 1


def test_nothing_is_made_of_an_order_that_is_not_due() -> None:
    world = an_order_with(None)
    before = world.order
    for step in (
        partial(authorize_payment, world.container),
        partial(follow_payment, world.container),
        partial(void_payment, world.container),
    ):
        step(world.order)
    assert world.order == before
    assert world.states == (P.NONE, PlacementState.WAITING)
