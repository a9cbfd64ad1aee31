"""Authorizing a payment: the card, its decline, the bank."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta

import pytest

from fallback.domain.errors import Refused
from fallback.domain.money import Money
from fallback.domain.payment.gateway import Intent, IntentState
from tests.contracts.gateway.worlds import BACK, OTHER_REF, REF, FakeWorld, World, confirmed, created
from tests.fakes.gateway import DECLINED, THREE_D_SECURE, VISA


def test_a_new_intent_waits_for_a_card(world: World) -> None:
    intent = created(world)

    assert intent == Intent(intent.id, IntentState.NEEDS_CARD, 2893, "EUR")
    assert world.gateway.retrieve(intent.id) == intent


def test_the_same_key_creates_one_intent(world: World) -> None:
    assert created(world).id == created(world).id


def test_another_request_under_the_same_key_is_refused(world: World) -> None:
    created(world)

    with pytest.raises(Refused) as refusal:
        created(world, total=Money(2894, "EUR"))
    assert refusal.value.code == "idempotency_error"


@pytest.mark.parametrize("total", [Money(2893, "JPY"), Money(2890, "KWD"), Money(2893, "ISK"), Money(289300, "MGA")])
def test_amounts_come_back_in_the_minor_units_they_went_out_in(world: World, total: Money) -> None:
    intent = world.gateway.create(REF, total, "key")

    assert (intent.amount, intent.currency) == (total.amount, total.currency)


def test_a_good_card_is_authorized_and_has_a_deadline(world: World) -> None:
    intent = confirmed(world)

    assert intent.state is IntentState.AUTHORIZED
    assert intent.captured == 0
    assert intent.capture_before is not None
    assert intent.capture_before - datetime.now(UTC) > timedelta(days=1)
    assert world.gateway.retrieve(intent.id) == intent


def test_a_payment_method_does_as_well_as_a_token(world: World) -> None:
    intent = world.gateway.confirm(created(world).id, VISA, BACK, "key")

    assert intent.state is IntentState.AUTHORIZED


def test_confirming_again_answers_the_authorized_intent(world: World) -> None:
    first = confirmed(world)

    again = world.gateway.confirm(first.id, world.token(VISA), BACK, f"{REF}:confirm:2")

    assert again == first


@pytest.mark.parametrize("card", DECLINED)
def test_a_declined_card_is_an_answer_with_its_code_and_advice(world: World, card: str) -> None:
    intent = confirmed(world, card)
    code, _ = DECLINED[card]

    assert intent.state is IntentState.NEEDS_CARD
    assert intent.decline is not None
    assert intent.decline.code == code
    assert intent.decline == confirmed(FakeWorld(), card).decline
    assert world.gateway.retrieve(intent.id) == intent


def test_another_card_goes_through_after_a_decline(world: World) -> None:
    declined = confirmed(world, "pm_card_visa_chargeDeclined")

    intent = world.gateway.confirm(declined.id, world.token(VISA), BACK, f"{REF}:confirm:2")

    assert intent.state is IntentState.AUTHORIZED
    assert intent.decline is None


def test_an_expired_token_asks_for_the_card_again(world: World) -> None:
    token = world.token(VISA)
    world.expire(token)

    intent = world.gateway.confirm(created(world).id, token, BACK, "key")

    assert (intent.state, intent.decline and intent.decline.code) == (IntentState.NEEDS_CARD, "card_token_expired")
    assert intent.decline is not None
    assert intent.decline.advice == "customer"


def test_an_unknown_token_asks_for_the_card_again(world: World) -> None:
    intent = world.gateway.confirm(created(world).id, "ctoken_never_seen", BACK, "key")

    assert intent.decline is not None
    assert intent.decline.code == "card_token_expired"


def test_a_token_that_was_used_for_another_intent_asks_for_the_card_again(world: World) -> None:
    token = world.token(VISA)
    world.gateway.confirm(created(world).id, token, BACK, "first")
    other = created(world, OTHER_REF)

    intent = world.gateway.confirm(other.id, token, BACK, "second")

    assert intent.decline is not None
    assert intent.decline.code == "card_token_expired"


def test_the_bank_may_ask_for_the_customer(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    assert intent.state is IntentState.NEEDS_CUSTOMER
    assert intent.next_action_url is not None
    assert intent.next_action_url.startswith("http")


def test_the_customer_who_answers_their_bank_has_paid(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    world.authenticate(intent, passed=True)

    found = world.gateway.retrieve(intent.id)
    assert (found.state, found.next_action_url) == (IntentState.AUTHORIZED, None)


def test_a_failed_authentication_at_the_bank_is_a_decline(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    world.authenticate(intent, passed=False)

    found = world.gateway.retrieve(intent.id)
    assert found.state is IntentState.NEEDS_CARD
    assert found.decline is not None
    assert (found.decline.code, found.decline.advice) == ("payment_intent_authentication_failure", "customer")
