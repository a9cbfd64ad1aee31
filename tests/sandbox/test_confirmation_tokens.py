import pytest
import stripe

from tests.sandbox.conftest import RETURN_URL, Sandbox


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
