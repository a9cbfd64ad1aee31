"""Which key opens what."""

import pytest
import requests
import stripe

from tests.sandbox.conftest import PUBLISHABLE, Sandbox, client


def test_a_wrong_key_opens_nothing(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.AuthenticationError, match="Invalid API Key"):
        client(sandbox.url, "sk_test_of_somebody_else").v1.payment_intents.list()


def test_the_publishable_key_creates_no_intents(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.PermissionError) as refused:
        client(sandbox.url, PUBLISHABLE).v1.payment_intents.create({"amount": 100, "currency": "eur"})

    assert refused.value.error.code == "secret_key_required"


def test_the_browser_sees_an_intent_by_its_client_secret_only(sandbox: Sandbox) -> None:
    intent = sandbox.intent()
    url = f"{sandbox.url}/v1/payment_intents/{intent.id}"

    seen = requests.get(url, {"key": PUBLISHABLE, "client_secret": intent.client_secret}, timeout=5)
    refused = requests.get(url, {"key": PUBLISHABLE, "client_secret": "guess"}, timeout=5)

    assert (seen.json()["status"], "metadata" in seen.json()) == ("requires_payment_method", False)
    assert seen.headers["Access-Control-Allow-Origin"] == "*"
    assert refused.status_code == 400


def test_the_browser_sees_no_more_of_an_intent_when_its_card_is_declined(sandbox: Sandbox) -> None:
    intent = sandbox.intent(payment_method="pm_card_visa_chargeDeclined")

    data = {"client_secret": intent.client_secret, "return_url": "https://shop.test"}
    declined = sandbox.post(f"payment_intents/{intent.id}/confirm", data, api_key=PUBLISHABLE)

    assert declined.status_code == 402
    assert "metadata" not in declined.json()["error"]["payment_intent"]


def test_the_browser_makes_tokens_of_card_numbers_and_the_server_may_not(sandbox: Sandbox) -> None:
    card = {"number": "4242424242424242", "exp_month": "4", "exp_year": "44", "cvc": "123"}
    data = {"payment_method_data[type]": "card"} | {f"payment_method_data[card][{k}]": v for k, v in card.items()}

    from_browser = sandbox.post("confirmation_tokens", data, api_key=PUBLISHABLE)
    from_server = sandbox.post("confirmation_tokens", data)

    assert from_browser.json()["payment_method_preview"]["card"]["last4"] == "4242"
    assert from_server.status_code == 402
    assert "generally unsafe" in from_server.json()["error"]["message"]


@pytest.mark.parametrize(
    ("change", "code"),
    [
        ({"number": "4242424242424241"}, "incorrect_number"),
        ({"exp_month": "13"}, "invalid_expiry_month"),
        ({"exp_year": "2020"}, "invalid_expiry_year"),
        ({"cvc": "12"}, "invalid_cvc"),
    ],
)
def test_a_mistyped_card_is_refused_at_once(sandbox: Sandbox, change: dict[str, str], code: str) -> None:
    card = {"number": "4242424242424242", "exp_month": "12", "exp_year": "2044", "cvc": "123"} | change
    data = {"type": "card"} | {f"card[{name}]": value for name, value in card.items()}

    refused = sandbox.post("payment_methods", data, api_key=PUBLISHABLE)

    assert (refused.status_code, refused.json()["error"]["code"]) == (402, code)
