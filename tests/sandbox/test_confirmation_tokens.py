import pytest
import stripe

from tests.sandbox.conftest import PUBLISHABLE, RETURN_URL, Sandbox


def test_a_token_previews_the_card_and_lives_for_twelve_hours(sandbox: Sandbox) -> None:
    token = sandbox.stripe.v1.confirmation_tokens.retrieve(sandbox.token("pm_card_amex"))

    assert token.payment_method_preview.card.brand == "amex"
    assert token.expires_at == token.created + 12 * 3600


def test_a_token_is_spent_on_one_intent(sandbox: Sandbox) -> None:
    token, intent = sandbox.token(), sandbox.intent()
    params = {"confirmation_token": token, "return_url": RETURN_URL}
    sandbox.stripe.v1.payment_intents.confirm(intent.id, params)

    with pytest.raises(stripe.InvalidRequestError, match="already used"):
        sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, params)

    assert sandbox.stripe.v1.confirmation_tokens.retrieve(token).payment_intent == intent.id


def test_an_expired_token_pays_for_nothing(sandbox: Sandbox) -> None:
    token = sandbox.token()
    sandbox.control("POST", "clock", {"advance": 12 * 3600})

    with pytest.raises(stripe.InvalidRequestError, match="expired"):
        sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, {"confirmation_token": token})


def test_a_token_carries_address_and_return_url_to_the_intent(sandbox: Sandbox) -> None:
    shipping = {"name": "Ada", "address": {"city": "Berlin", "country": "DE"}}
    token = sandbox.token("pm_card_threeDSecure2Required", shipping=shipping, return_url=RETURN_URL)

    params = {"confirmation_token": token, "use_stripe_sdk": False}
    intent = sandbox.stripe.v1.payment_intents.confirm(sandbox.intent().id, params)

    assert intent.shipping.address.city == "Berlin"
    assert intent.next_action.redirect_to_url.return_url == RETURN_URL


@pytest.mark.parametrize(
    ("token", "status"),
    [("tok_google_pay", "requires_capture"), ("tok_google_pay_declined", "requires_payment_method")],
)
def test_a_wallets_card_pays_or_is_declined_as_a_card(sandbox: Sandbox, token: str, status: str) -> None:
    given = {"payment_method_data[type]": "card", "payment_method_data[card][token]": token}
    made = sandbox.post("confirmation_tokens", given, api_key=PUBLISHABLE).json()
    assert made["payment_method_preview"]["card"]["wallet"]["type"] == "google_pay"
    intent = sandbox.intent().id

    sandbox.post(f"payment_intents/{intent}/confirm", {"confirmation_token": made["id"], "return_url": RETURN_URL})

    assert sandbox.stripe.v1.payment_intents.retrieve(intent).status == status
