import pytest
import stripe

from tests.sandbox.conftest import Sandbox

DECLINES = [
    ("pm_card_visa_chargeDeclined", "card_declined", "generic_decline", "try_again_later"),
    ("pm_card_chargeDeclinedInsufficientFunds", "card_declined", "insufficient_funds", "try_again_later"),
    ("pm_card_visa_chargeDeclinedLostCard", "card_declined", "lost_card", "do_not_try_again"),
    ("pm_card_visa_chargeDeclinedStolenCard", "card_declined", "stolen_card", "do_not_try_again"),
    ("pm_card_chargeDeclinedExpiredCard", "expired_card", "expired_card", "confirm_card_data"),
    ("pm_card_chargeDeclinedIncorrectCvc", "incorrect_cvc", "incorrect_cvc", "confirm_card_data"),
    ("pm_card_chargeDeclinedProcessingError", "processing_error", "processing_error", "try_again_later"),
]


@pytest.mark.parametrize(("method", "code", "decline_code", "advice"), DECLINES)
def test_a_test_card_is_declined_for_its_reason(
    sandbox: Sandbox, method: str, code: str, decline_code: str, advice: str
) -> None:
    with pytest.raises(stripe.CardError) as declined:
        sandbox.confirm(sandbox.intent().id, method)

    error = declined.value.error
    assert (declined.value.http_status, declined.value.code) == (402, code)
    assert (error.decline_code, error.advice_code) == (decline_code, advice)
    assert error.payment_intent.status == "requires_payment_method"


def test_the_intent_remembers_why_it_was_declined(sandbox: Sandbox) -> None:
    intent = sandbox.intent()
    with pytest.raises(stripe.CardError):
        sandbox.confirm(intent.id, "pm_card_visa_chargeDeclinedLostCard")

    left = sandbox.stripe.v1.payment_intents.retrieve(intent.id, {"expand": ["latest_charge"]})

    assert (left.status, left.payment_method) == ("requires_payment_method", None)
    assert left.last_payment_error.decline_code == "lost_card"
    assert left.last_payment_error.payment_method.card.last4 == "9987"
    assert (left.latest_charge.status, left.latest_charge.outcome.type) == ("failed", "issuer_declined")
    assert sandbox.events() == ["payment_intent.created", "charge.failed", "payment_intent.payment_failed"]


def test_another_card_pays_after_a_decline(sandbox: Sandbox) -> None:
    intent = sandbox.intent()
    with pytest.raises(stripe.CardError):
        sandbox.confirm(intent.id, "pm_card_visa_chargeDeclined")

    paid = sandbox.confirm(intent.id)

    assert (paid.status, paid.last_payment_error) == ("requires_capture", None)
    assert sandbox.money()["declines"] == 1


def test_a_declined_method_may_be_tried_again_on_its_own_intent_only(sandbox: Sandbox) -> None:
    intent, other = sandbox.intent(), sandbox.intent()
    with pytest.raises(stripe.CardError) as first:
        sandbox.confirm(intent.id, "pm_card_chargeDeclinedProcessingError")
    used = first.value.error.payment_intent.last_payment_error.payment_method.id

    with pytest.raises(stripe.CardError):
        sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": used, "return_url": "https://s.test"})
    with pytest.raises(stripe.InvalidRequestError, match="previously used"):
        sandbox.stripe.v1.payment_intents.confirm(other.id, {"payment_method": used, "return_url": "https://s.test"})


def test_a_real_card_number_is_declined_and_not_kept(sandbox: Sandbox) -> None:
    card = {"number": "4539578763621486", "exp_month": "12", "exp_year": "2044", "cvc": "123"}
    data = {"payment_method_data[type]": "card"} | {f"payment_method_data[card][{k}]": v for k, v in card.items()}
    token = sandbox.post("confirmation_tokens", data, api_key="pk_test_sandbox").json()

    with pytest.raises(stripe.CardError) as declined:
        sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, {"confirmation_token": token["id"]})

    assert declined.value.error.decline_code == "test_mode_live_card"
    assert token["payment_method_preview"]["card"]["last4"] == "1486"
