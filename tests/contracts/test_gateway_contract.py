"""What every payment gateway does, the fake and Stripe's: the use cases rely on nothing else."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from datetime import UTC, datetime, timedelta

import pytest

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.ports import Intent, IntentState
from tests.contracts.gateways import FakeWorld, World, sandbox_worlds
from tests.fakes.gateway import DECLINED, THREE_D_SECURE, VISA

REF = "FB-7K3M-92QX-5"
TOTAL = Money(2893, "EUR")
BACK = "https://shop.example/orders/back"
YESTERDAY = datetime.now(UTC) - timedelta(days=1)


@pytest.fixture(scope="module")
def stripe_world(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Callable[[], World]]:
    with sandbox_worlds(tmp_path_factory.mktemp("stripe")) as empty:
        yield empty


@pytest.fixture(params=["fake", "stripe"])
def world(request: pytest.FixtureRequest) -> World:
    return FakeWorld() if request.param == "fake" else request.getfixturevalue("stripe_world")()


def created(world: World, ref: str = REF, total: Money = TOTAL) -> Intent:
    return world.gateway.create(ref, total, f"{ref}:create")


def confirmed(world: World, card: str = VISA) -> Intent:
    return world.gateway.confirm(created(world).id, world.token(card), BACK, f"{REF}:confirm:1")


def captured(world: World) -> Intent:
    return world.gateway.capture(confirmed(world).id, TOTAL.amount, f"{REF}:capture")


# --- authorize


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


# --- declines


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
    other = created(world, "FB-2222-2222-2")

    intent = world.gateway.confirm(other.id, token, BACK, "second")

    assert intent.decline is not None
    assert intent.decline.code == "card_token_expired"


# --- 3-D Secure


def test_the_bank_may_ask_for_the_customer(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    assert intent.state is IntentState.NEEDS_CUSTOMER
    assert intent.next_action_url is not None
    assert intent.next_action_url.startswith("http")


def test_the_customer_who_answers_her_bank_has_paid(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    world.authenticate(intent, passed=True)

    found = world.gateway.retrieve(intent.id)
    assert (found.state, found.next_action_url) == (IntentState.AUTHORIZED, None)


def test_a_failed_answer_to_the_bank_is_a_decline(world: World) -> None:
    intent = confirmed(world, THREE_D_SECURE)

    world.authenticate(intent, passed=False)

    found = world.gateway.retrieve(intent.id)
    assert found.state is IntentState.NEEDS_CARD
    assert found.decline is not None
    assert (found.decline.code, found.decline.advice) == ("payment_intent_authentication_failure", "customer")


# --- capture, void, refund


def test_capture_takes_the_money_once(world: World) -> None:
    intent = captured(world)

    again = world.gateway.capture(intent.id, TOTAL.amount, "another key")

    assert (intent.state, intent.captured) == (IntentState.CAPTURED, TOTAL.amount)
    assert again == intent
    assert world.captures(REF) == 1


def test_less_than_the_authorized_amount_can_be_captured(world: World) -> None:
    intent = world.gateway.capture(confirmed(world).id, 2000, "key")

    assert (intent.captured, intent.refunded) == (2000, 0)


def test_more_than_the_authorized_amount_is_refused(world: World) -> None:
    authorized = confirmed(world)

    with pytest.raises(Refused) as refusal:
        world.gateway.capture(authorized.id, TOTAL.amount + 1, "key")
    assert refusal.value.code == "amount_too_large"


def test_nothing_is_captured_before_it_is_authorized(world: World) -> None:
    intent = created(world)

    assert world.gateway.capture(intent.id, TOTAL.amount, "key") == intent
    assert world.captures(REF) == 0


def test_voiding_lets_the_money_go(world: World) -> None:
    intent = world.gateway.void(confirmed(world).id, f"{REF}:void")

    assert (intent.state, intent.captured, intent.refunded) == (IntentState.VOIDED, 0, 0)
    assert not intent.lapsed
    assert world.gateway.void(intent.id, "another key") == intent


def test_an_intent_without_a_card_can_be_voided(world: World) -> None:
    assert world.gateway.void(created(world).id, "key").state is IntentState.VOIDED


def test_what_is_captured_is_not_voided(world: World) -> None:
    intent = captured(world)

    assert world.gateway.void(intent.id, "key") == intent


def test_a_voided_intent_is_neither_confirmed_nor_captured(world: World) -> None:
    voided = world.gateway.void(created(world).id, "void")

    assert world.gateway.confirm(voided.id, world.token(VISA), BACK, "confirm") == voided
    assert world.gateway.capture(voided.id, TOTAL.amount, "capture") == voided


def test_an_authorization_that_was_not_captured_in_time_has_lapsed(world: World) -> None:
    intent = confirmed(world)

    world.lapse(intent)

    found = world.gateway.retrieve(intent.id)
    assert (found.state, found.lapsed) == (IntentState.VOIDED, True)
    assert world.gateway.capture(intent.id, TOTAL.amount, "too late") == found


def test_refunds_add_up_and_each_key_counts_once(world: World) -> None:
    intent = captured(world)

    first = world.gateway.refund(intent.id, 1000, f"{REF}:refund:1")
    world.gateway.refund(intent.id, 1000, f"{REF}:refund:1")
    second = world.gateway.refund(intent.id, 1893, f"{REF}:refund:2")

    assert (first.refunded, second.refunded) == (1000, 2893)
    assert second.captured == 2893
    assert world.gateway.refund(intent.id, 1, f"{REF}:refund:3") == second


def test_more_than_what_is_left_is_not_refunded(world: World) -> None:
    intent = captured(world)

    with pytest.raises(Refused):
        world.gateway.refund(intent.id, TOTAL.amount + 1, "key")
    assert world.gateway.retrieve(intent.id).refunded == 0


def test_what_was_not_captured_is_not_refunded(world: World) -> None:
    intent = confirmed(world)

    with pytest.raises(Refused):
        world.gateway.refund(intent.id, 1, "key")


# --- what was lost


def test_a_lost_reply_is_an_unknown_outcome_and_the_same_key_tells_it(world: World) -> None:
    authorized = confirmed(world)
    world.lose_reply("capture")

    with pytest.raises(OutcomeUnknown):
        world.gateway.capture(authorized.id, TOTAL.amount, f"{REF}:capture")

    assert world.gateway.capture(authorized.id, TOTAL.amount, f"{REF}:capture").state is IntentState.CAPTURED
    assert world.captures(REF) == 1


def test_after_a_lost_confirmation_the_same_key_does_not_use_the_card_twice(world: World) -> None:
    intent, token = created(world), world.token(VISA)
    world.lose_reply("confirm")
    with pytest.raises(OutcomeUnknown):
        world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    again = world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    assert (again.state, again.decline) == (IntentState.AUTHORIZED, None)


def test_after_a_lost_confirmation_the_used_token_under_a_new_key_is_no_decline(world: World) -> None:
    intent, token = created(world), world.token(VISA)
    world.lose_reply("confirm")
    with pytest.raises(OutcomeUnknown):
        world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:1")

    again = world.gateway.confirm(intent.id, token, BACK, f"{REF}:confirm:2")

    assert (again.state, again.decline) == (IntentState.AUTHORIZED, None)


def test_a_lost_void_is_found_by_looking(world: World) -> None:
    intent = confirmed(world)
    world.lose_reply("void")

    with pytest.raises(OutcomeUnknown):
        world.gateway.void(intent.id, "key")

    assert world.gateway.retrieve(intent.id).state is IntentState.VOIDED


def test_a_lost_refund_is_found_by_looking_and_its_key_counts_once(world: World) -> None:
    intent = captured(world)
    world.lose_reply("refund")

    with pytest.raises(OutcomeUnknown):
        world.gateway.refund(intent.id, 500, "key")

    assert world.gateway.retrieve(intent.id).refunded == 500
    assert world.gateway.refund(intent.id, 500, "key").refunded == 500


def test_an_intent_whose_id_was_lost_is_found_by_its_ref(world: World) -> None:
    created(world, "FB-2222-2222-2")
    world.lose_reply("create")
    with pytest.raises(OutcomeUnknown):
        created(world)

    found = world.gateway.find(REF, YESTERDAY)

    assert found is not None
    assert found.id == created(world).id


def test_the_usable_intent_is_found_before_a_newer_voided_one(world: World) -> None:
    usable = world.gateway.create(REF, TOTAL, "first")
    voided = world.gateway.create(REF, TOTAL, "second")
    world.gateway.void(voided.id, "void")

    assert world.gateway.find(REF, YESTERDAY) == usable


def test_an_intent_is_found_behind_a_hundred_newer_ones(world: World) -> None:
    intent = created(world)
    for number in range(101):
        world.gateway.create("FB-2222-2222-2", TOTAL, f"key {number}")

    assert world.gateway.find(REF, YESTERDAY) == intent


def test_nothing_is_found_for_a_ref_that_stripe_never_saw(world: World) -> None:
    created(world)

    assert world.gateway.find("FB-2222-2222-2", YESTERDAY) is None


def test_nothing_is_found_from_before_the_time_asked_for(world: World) -> None:
    created(world)

    assert world.gateway.find(REF, datetime.now(UTC) + timedelta(hours=1)) is None


def test_a_call_that_did_not_happen_may_be_made_again(world: World) -> None:
    intent = created(world)
    world.fail_before("confirm")

    with pytest.raises(TryAgain):
        world.gateway.confirm(intent.id, VISA, BACK, "key")

    assert world.gateway.retrieve(intent.id) == intent
    assert world.gateway.confirm(intent.id, VISA, BACK, "key").state is IntentState.AUTHORIZED


def test_an_unknown_intent_is_refused(world: World) -> None:
    with pytest.raises(Refused) as refusal:
        world.gateway.retrieve("pi_never_seen")
    assert refusal.value.code == "resource_missing"
