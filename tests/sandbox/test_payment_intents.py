import pytest
import stripe

from tests.sandbox.conftest import RETURN_URL, Sandbox


def test_an_intent_waits_for_a_payment_method_until_it_is_confirmed(sandbox: Sandbox) -> None:
    intent = sandbox.intent()

    assert (intent.status, intent.amount, intent.currency) == ("requires_payment_method", 2893, "eur")
    assert intent.metadata["ref"] == "FB-1"
    assert intent.client_secret.startswith(f"{intent.id}_secret_")


def test_a_confirmed_intent_holds_the_money_for_seven_days(sandbox: Sandbox) -> None:
    intent = sandbox.confirm(sandbox.intent().id, expand=["latest_charge"])

    charge = intent.latest_charge
    assert (intent.status, intent.amount_capturable, charge.captured) == ("requires_capture", 2893, False)
    assert charge.payment_method_details.card.capture_before == charge.created + 7 * 24 * 3600
    assert charge.metadata["ref"] == "FB-1"


def test_without_manual_capture_the_money_is_taken_at_once(sandbox: Sandbox) -> None:
    intent = sandbox.confirm(sandbox.intent(capture_method="automatic").id)

    assert (intent.status, intent.amount_received) == ("succeeded", 2893)
    assert sandbox.money()["captures"] == 1


def test_creating_and_confirming_is_one_call_when_asked(sandbox: Sandbox) -> None:
    intent = sandbox.intent(confirm=True, payment_method="pm_card_visa", return_url=RETURN_URL)

    assert intent.status == "requires_capture"


def test_an_intent_with_a_payment_method_waits_for_confirmation(sandbox: Sandbox) -> None:
    intent = sandbox.intent(payment_method="pm_card_mastercard")

    assert intent.status == "requires_confirmation"
    assert sandbox.stripe.v1.payment_methods.retrieve(intent.payment_method).card.brand == "mastercard"


def test_metadata_can_be_changed_and_removed_at_any_time(sandbox: Sandbox) -> None:
    intent = sandbox.authorized(metadata={"ref": "FB-1", "cart": "7"})

    changed = sandbox.stripe.v1.payment_intents.update(intent.id, {"metadata": {"cart": "", "attempt": "2"}})

    assert changed.metadata.to_dict() == {"ref": "FB-1", "attempt": "2"}


def test_the_amount_is_fixed_once_the_money_is_held(sandbox: Sandbox) -> None:
    open_intent, held = sandbox.intent(), sandbox.authorized()

    assert sandbox.stripe.v1.payment_intents.update(open_intent.id, {"amount": 3000}).amount == 3000
    with pytest.raises(stripe.InvalidRequestError, match="requires_capture") as refused:
        sandbox.stripe.v1.payment_intents.update(held.id, {"amount": 3000})
    assert refused.value.code == "payment_intent_unexpected_state"


@pytest.mark.parametrize("action", ["confirm", "capture", "cancel"])
def test_a_finished_intent_refuses_every_further_step(sandbox: Sandbox, action: str) -> None:
    intent = sandbox.authorized()
    sandbox.stripe.v1.payment_intents.capture(intent.id)

    with pytest.raises(stripe.InvalidRequestError) as refused:
        getattr(sandbox.stripe.v1.payment_intents, action)(intent.id)

    assert refused.value.code == "payment_intent_unexpected_state"
    assert refused.value.error.payment_intent.status == "succeeded"


def test_confirming_without_a_way_to_pay_is_refused(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="missing a payment method"):
        sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, {"return_url": RETURN_URL})


def test_methods_that_might_redirect_need_a_return_url(sandbox: Sandbox) -> None:
    intent = sandbox.intent()

    with pytest.raises(stripe.InvalidRequestError, match="must provide a `return_url`"):
        sandbox.stripe.v1.payment_intents.confirm(intent.id, {"payment_method": "pm_card_visa"})

    only_cards = sandbox.intent(automatic_payment_methods={"enabled": True, "allow_redirects": "never"})
    confirmed = sandbox.stripe.v1.payment_intents.confirm(only_cards.id, {"payment_method": "pm_card_visa"})
    assert confirmed.status == "requires_capture"


@pytest.mark.parametrize(
    ("params", "param", "code"),
    [
        ({"amount": 10}, "amount", "amount_too_small"),
        ({"amount": -5}, "amount", "parameter_invalid_integer"),
        ({"amount": "28.93"}, "amount", "parameter_invalid_integer"),
        ({"currency": ""}, "currency", "parameter_invalid_empty"),
        ({"capture_methd": "manual"}, "capture_methd", "parameter_unknown"),
        ({"payment_method_types": ["card"]}, "payment_method_types", "payment_method_types_no_longer_supported"),
        ({"return_url": RETURN_URL}, "return_url", None),
        ({"metadata": {"note": "x" * 501}}, "metadata[note]", None),
        ({"payment_method": "pm_unknown"}, "payment_method", "resource_missing"),
    ],
)
def test_wrong_parameters_are_named(sandbox: Sandbox, params: dict[str, object], param: str, code: str | None) -> None:
    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.intent(**params)

    assert (refused.value.param, refused.value.code) == (param, code)


def test_accounts_on_an_older_version_may_still_name_payment_method_types(sandbox: Sandbox) -> None:
    answer = sandbox.post("payment_intents", {"amount": "2893", "currency": "eur", "payment_method_types[]": "card"})

    assert answer.json()["payment_method_types"] == ["card"]
    assert answer.json()["automatic_payment_methods"] is None


def test_an_unknown_intent_is_missing(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="No such payment_intent: 'pi_unknown'") as refused:
        sandbox.stripe.v1.payment_intents.retrieve("pi_unknown")

    assert (refused.value.http_status, refused.value.code) == (404, "resource_missing")


def test_an_intent_can_be_left_in_processing_and_settled_later(sandbox: Sandbox) -> None:
    sandbox.control("PATCH", "settings", {"processing": True})
    intent = sandbox.confirm(sandbox.intent().id)
    sandbox.control("PATCH", "settings", {"processing": False})

    settled = sandbox.control("PATCH", f"payment_intents/{intent.id}", {"settle": True})

    assert (intent.status, settled["status"]) == ("processing", "requires_capture")
