"""From a card to an authorization: authorize_payment, follow_payment, give_card, welcome_back."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow, OutcomeUnknown, Refused, TryAgain
from fallback.domain.holds import HoldCode
from fallback.domain.lifecycle import PATIENCE, Headline
from fallback.domain.order import NoticeKind, PaymentState, PlacementState, Queue
from fallback.domain.payment import CARDS_PER_ORDER
from fallback.domain.ports import IntentState
from fallback.domain.retries import POISON_AFTER
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.usecases.world import TOTAL, Crash, World

P = PaymentState
DECLINED = "pm_card_visa_chargeDeclined"
LOST_CARD = "pm_card_visa_chargeDeclinedLostCard"
CALLS = ["create", "confirm"]


def an_order_with(card: str | None = VISA) -> World:
    world = World()
    world.a_customer_orders(card)
    return world


def only_the_payment(world: World, by: timedelta = timedelta(hours=1)) -> None:
    """The shop is still down: mode is active, nothing is handed over."""
    world.time_passes(by, Queue.PAYMENT, Queue.NOTICE)


def test_a_good_card_is_authorized_and_not_captured() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert (world.order.payment.authorized, world.captured) == (TOTAL, 0)
    assert world.gateway.calls == {"create": 1, "confirm": 1}
    assert world.told == ["received", "authorized"]


def test_the_intents_id_is_recorded_before_it_is_confirmed() -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next("confirm", Crash())
    with pytest.raises(Crash):
        world.shifts_work(Queue.PAYMENT)
    assert world.intent_id in world.gateway.intents
    assert world.order.payment.attempt.call == "confirm"


# --- declined, and another card


def test_a_decline_is_shown_and_written_of_once_and_waits_for_another_card() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.order.payment.decline.code == "generic_decline"
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_a_second_card_is_confirmed_on_the_same_intent_under_its_own_key() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.she_gives(VISA)
    only_the_payment(world)
    assert world.order.payment.state is P.AUTHORIZED
    assert world.order.payment.decline is None
    assert len(world.gateway.intents) == 1


def test_somebody_who_pays_on_the_page_at_once_gets_no_mail_to_pay() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world, timedelta(seconds=5))
    world.she_gives(VISA)
    only_the_payment(world)
    assert world.mails == [NoticeKind.RECEIVED]


def test_the_same_decline_twice_is_told_twice() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.she_gives(DECLINED)
    only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.told.count("declined") == 2


def test_no_card_is_taken_while_one_is_tried_nor_after_one_was_good() -> None:
    world = an_order_with(VISA)
    with pytest.raises(NotAllowedNow):
        world.she_gives(VISA)
    only_the_payment(world)
    with pytest.raises(NotAllowedNow):
        world.she_gives(VISA)


def test_no_card_is_taken_for_a_purchase_that_she_gave_up() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.she_cancels()
    with pytest.raises(NotAllowedNow):
        world.she_gives(VISA)


def test_whoever_tries_many_cards_is_stopped() -> None:
    world = an_order_with(DECLINED)
    for _ in range(CARDS_PER_ORDER - 1):
        only_the_payment(world)
        world.she_gives(DECLINED)
    only_the_payment(world)
    with pytest.raises(Invalid) as refused:
        world.she_gives(VISA)
    assert refused.value.code == "too_many_cards"


@pytest.mark.parametrize("card", [VISA, DECLINED, LOST_CARD])
@pytest.mark.parametrize("lost", ["before it arrived", "after its effect", "with the process"])
def test_the_decline_of_one_card_is_never_taken_for_that_of_the_next(card: str, lost: str) -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.she_gives(card)
    error = Crash() if lost == "with the process" else OutcomeUnknown("lost")
    world.gateway.fail_next("confirm", error, after_effect=lost == "after its effect")
    if isinstance(error, Crash):
        with pytest.raises(Crash):
            world.shifts_work(Queue.PAYMENT)
    only_the_payment(world)
    expected = {VISA: None, DECLINED: "generic_decline", LOST_CARD: "lost_card"}[card]
    decline = world.order.payment.decline
    assert (decline and decline.code) == expected
    assert world.told.count("declined") == (1 if card == VISA else 2)


# --- pay later


def test_pay_later_is_a_choice_of_its_own() -> None:
    world = an_order_with(None)
    only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.gateway.calls.total() == 0
    world.she_gives(VISA)
    world.time_passes()
    assert world.is_settled()


# --- 3-D Secure


def test_her_bank_asks_while_she_is_on_the_page() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world, timedelta(seconds=5))
    assert world.order.payment.next_action_url.startswith("https://bank.example")
    world.her_bank_asks_and_she(passes=True)
    world.she_comes_back()
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert world.mails == [NoticeKind.RECEIVED]


def test_her_bank_asks_after_she_has_left_and_she_answers_from_the_mail() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]
    world.her_bank_asks_and_she(passes=True)
    world.stripe_says("payment_intent.amount_capturable_updated")
    world.time_passes()
    assert world.is_settled()


def test_her_bank_says_no_and_another_card_is_good() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    world.her_bank_asks_and_she(passes=False)
    world.stripe_says("payment_intent.payment_failed")
    only_the_payment(world)
    assert world.order.payment.decline.code == "payment_intent_authentication_failure"
    world.she_gives(VISA)
    only_the_payment(world)
    assert world.headline is Headline.WAITING


def test_her_bank_says_no_to_the_second_card_too_and_that_is_told() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.she_gives(THREE_D_SECURE)
    only_the_payment(world)
    world.her_bank_asks_and_she(passes=False)
    world.she_comes_back()
    only_the_payment(world)
    assert world.order.payment.decline.code == "payment_intent_authentication_failure"
    assert world.order.payment.next_action_url is None


def test_she_comes_back_without_having_answered_and_is_asked_once() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    for _ in range(3):
        world.she_comes_back()
        only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_coming_back_to_an_order_that_waits_for_nothing_changes_nothing() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    before = world.order
    world.she_comes_back()
    assert world.order == before


def test_a_bank_that_thinks_is_unknown_until_it_has_thought() -> None:
    world = an_order_with(VISA)
    world.shifts_work(Queue.PAYMENT)
    intent = world.gateway.intents[world.intent_id]
    order = world.order
    lost = replace(order, payment=replace(order.payment, state=P.UNKNOWN, authorized=0, due_at=world.now))
    world.ledger.commit(order, lost, ())
    world.gateway.intents[intent.id] = replace(intent, state=IntentState.PROCESSING)
    only_the_payment(world, timedelta(minutes=1))
    assert world.headline is Headline.CHECKING
    assert world.gateway.calls["confirm"] == 1
    world.gateway.intents[intent.id] = intent
    only_the_payment(world, timedelta(minutes=1))
    assert world.headline is Headline.WAITING


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
def test_a_refusal_waits_for_a_person_and_is_tried_anew_after_her(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, Refused("account_invalid"), after_effect=False)
    only_the_payment(world)
    assert (world.headline, world.holds) == (Headline.ON_HOLD, ["payment_refused"])
    assert world.order.holds[0].detail == "account_invalid"
    world.container.release_hold(world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    only_the_payment(world)
    assert world.headline is Headline.WAITING


def test_a_refusal_that_stripe_keeps_under_the_key_does_not_come_back_after_the_release() -> None:
    world = an_order_with(VISA)
    key = f"{world.ref}:create"
    world.gateway._saved[key] = (("create", world.ref, world.order.total), Refused("account_invalid"))
    only_the_payment(world)
    assert world.holds == ["payment_refused"]
    world.container.release_hold(world.ref, HoldCode.PAYMENT_REFUSED, "Ann")
    only_the_payment(world)
    assert world.headline is Headline.WAITING


@pytest.mark.parametrize("call", CALLS)
def test_a_call_that_again_and_again_ends_in_nothing_waits_for_a_person(call: str) -> None:
    world = an_order_with(VISA)
    world.gateway.fail_next(call, OutcomeUnknown("lost"), times=1_000)
    only_the_payment(world, timedelta(days=1))
    assert (world.headline, world.holds) == (Headline.ON_HOLD, ["poison"])
    assert world.gateway.calls[call] <= POISON_AFTER
    assert world.ledger.count_due(Queue.PAYMENT, world.now) == 0


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
    world.container.follow_payment(world.ref)
    assert world.order.payment.attempt
    assert world.gateway.calls["retrieve"] == 0
    only_the_payment(world, PATIENCE)
    assert world.headline is Headline.WAITING


def test_a_lost_second_intent_is_not_taken_for_the_first_that_lapsed() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    world.gateway.lapse(world.intent_id)
    world.stripe_says("payment_intent.canceled")
    only_the_payment(world)
    world.she_gives(VISA)
    world.gateway.fail_next("create", OutcomeUnknown("lost"))
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert world.told.count("authorization_lapsed") == 1


def test_nothing_is_made_of_an_order_that_is_not_due() -> None:
    world = an_order_with(None)
    before = world.order
    for step in (world.container.authorize_payment, world.container.follow_payment, world.container.release_payment):
        step(world.ref)
    assert world.order == before
    assert world.states == (P.NONE, PlacementState.HELD)
