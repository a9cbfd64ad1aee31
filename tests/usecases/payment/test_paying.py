"""From a card to an authorization: authorize_payment, follow_payment, give_card, return_from_bank."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow, OutcomeUnknown
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import NoticeKind, PaymentState, Queue
from fallback.domain.payment.cards import CARDS_PER_ORDER
from fallback.domain.payment.gateway import IntentState
from fallback.domain.payment.news import PaymentNews
from fallback.usecases.payment.return_from_bank import return_from_bank
from tests.builders import NOW, a_payment, an_order, deps
from tests.fakes.gateway import THREE_D_SECURE, VISA
from tests.fakes.ledger import FakeLedger
from tests.usecases.world import TOTAL, Crash, an_order_with, only_the_payment

P = PaymentState
DECLINED = "pm_card_visa_chargeDeclined"
LOST_CARD = "pm_card_visa_chargeDeclinedLostCard"


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
    world.the_customer_gives(VISA)
    only_the_payment(world)
    assert world.order.payment.state is P.AUTHORIZED
    assert world.order.payment.decline is None
    assert len(world.gateway.intents) == 1


def test_somebody_who_pays_on_the_page_at_once_gets_no_mail_to_pay() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world, timedelta(seconds=5))
    world.the_customer_gives(VISA)
    only_the_payment(world)
    assert world.mails == [NoticeKind.RECEIVED]


def test_the_same_decline_twice_is_told_twice() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.the_customer_gives(DECLINED)
    only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.told.count("declined") == 2


def test_no_card_is_taken_while_one_is_tried_nor_after_one_was_good() -> None:
    world = an_order_with(VISA)
    with pytest.raises(NotAllowedNow):
        world.the_customer_gives(VISA)
    only_the_payment(world)
    with pytest.raises(NotAllowedNow):
        world.the_customer_gives(VISA)


def test_no_card_is_taken_for_a_purchase_that_the_customer_gave_up() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.the_customer_cancels()
    with pytest.raises(NotAllowedNow):
        world.the_customer_gives(VISA)


def test_whoever_tries_many_cards_is_stopped() -> None:
    world = an_order_with(DECLINED)
    for _ in range(CARDS_PER_ORDER - 1):
        only_the_payment(world)
        world.the_customer_gives(DECLINED)
    only_the_payment(world)
    with pytest.raises(Invalid) as refused:
        world.the_customer_gives(VISA)
    assert refused.value.code == "too_many_cards"


@pytest.mark.parametrize("card", [VISA, DECLINED, LOST_CARD])
@pytest.mark.parametrize("lost", ["before it arrived", "after its effect", "with the process"])
def test_the_decline_of_one_card_is_never_taken_for_that_of_the_next(card: str, lost: str) -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.the_customer_gives(card)
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
    world.the_customer_gives(VISA)
    world.time_passes()
    assert world.is_settled()


# --- 3-D Secure


def test_their_bank_asks_while_the_customer_is_on_the_page() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world, timedelta(seconds=5))
    assert world.order.payment.next_action_url.startswith("https://bank.example")
    world.the_bank_asks_and_the_customer(passes=True)
    world.the_customer_comes_back()
    only_the_payment(world)
    assert world.headline is Headline.WAITING
    assert world.mails == [NoticeKind.RECEIVED]


def test_the_bank_asks_after_the_customer_has_left_and_they_answer_from_the_mail() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]
    world.the_bank_asks_and_the_customer(passes=True)
    world.stripe_says(PaymentNews.AUTHORIZED)
    world.time_passes()
    assert world.is_settled()


def test_their_bank_says_no_and_another_card_is_good() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    world.the_bank_asks_and_the_customer(passes=False)
    world.stripe_says(PaymentNews.DECLINED)
    only_the_payment(world)
    assert world.order.payment.decline.code == "payment_intent_authentication_failure"
    world.the_customer_gives(VISA)
    only_the_payment(world)
    assert world.headline is Headline.WAITING


def test_their_bank_says_no_to_the_second_card_too_and_that_is_told() -> None:
    world = an_order_with(DECLINED)
    only_the_payment(world)
    world.the_customer_gives(THREE_D_SECURE)
    only_the_payment(world)
    world.the_bank_asks_and_the_customer(passes=False)
    world.the_customer_comes_back()
    only_the_payment(world)
    assert world.order.payment.decline.code == "payment_intent_authentication_failure"
    assert world.order.payment.next_action_url is None


def test_the_customer_comes_back_without_having_answered_and_is_asked_once() -> None:
    world = an_order_with(THREE_D_SECURE)
    only_the_payment(world)
    for _ in range(3):
        world.the_customer_comes_back()
        only_the_payment(world)
    assert world.headline is Headline.PAYMENT_NEEDED
    assert world.mails == [NoticeKind.RECEIVED, NoticeKind.PAYMENT_NEEDED]


def test_coming_back_to_an_order_that_waits_for_nothing_changes_nothing() -> None:
    world = an_order_with(VISA)
    only_the_payment(world)
    before = world.order
    world.the_customer_comes_back()
    assert world.order == before


def test_coming_back_again_writes_nothing_while_a_read_is_due() -> None:
    ledger = FakeLedger()
    waits = ledger.keep(an_order(payment=a_payment(P.ACTION_REQUIRED, due_at=NOW + timedelta(minutes=5))))
    house = deps(ledger=ledger, clock=lambda: NOW)
    asked = return_from_bank(house, waits.ref)
    assert asked.payment.due_at == NOW
    assert return_from_bank(house, waits.ref) == asked
    assert len(ledger.timeline(waits.ref)) == 1


def test_a_payment_in_processing_is_unknown_until_the_bank_has_decided() -> None:
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
