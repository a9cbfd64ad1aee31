from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe

from tests.sandbox.conftest import RETURN_URL, Sandbox


def challenged(sandbox: Sandbox, method: str = "pm_card_threeDSecure2Required") -> stripe.PaymentIntent:
    intent = sandbox.confirm(sandbox.intent().id, method)
    assert intent.status == "requires_action"
    return intent


def answer(sandbox: Sandbox, intent: stripe.PaymentIntent, button: str) -> dict[str, list[str]]:
    """Press a button on the bank's page; returns the query that the shop is called with."""
    form = {"client_secret": intent.client_secret, "answer": button}
    reply = requests.post(intent.next_action.redirect_to_url.url, form, timeout=5, allow_redirects=False)
    assert reply.status_code == 303
    assert reply.headers["Location"].startswith("https://shop.test/orders/FB-1?")
    return parse_qs(urlsplit(reply.headers["Location"]).query)


def test_the_bank_asks_the_customer_on_a_page_that_needs_no_script(sandbox: Sandbox) -> None:
    intent = challenged(sandbox)

    page = requests.get(intent.next_action.redirect_to_url.url, timeout=5)

    assert intent.next_action.redirect_to_url.return_url == RETURN_URL
    assert "28.93 EUR" in page.text
    assert "Complete" in page.text
    assert "Fail" in page.text
    assert "<script" not in page.text


def test_the_customer_returns_with_the_money_held(sandbox: Sandbox) -> None:
    intent = challenged(sandbox)

    query = answer(sandbox, intent, "complete")

    assert query == {
        "from": ["bank"],
        "payment_intent": [intent.id],
        "payment_intent_client_secret": [intent.client_secret],
        "redirect_status": ["succeeded"],
    }
    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "requires_capture"


def test_a_failed_authentication_asks_for_another_card(sandbox: Sandbox) -> None:
    intent = challenged(sandbox)

    query = answer(sandbox, intent, "fail")

    left = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    assert query["redirect_status"] == ["failed"]
    assert (left.status, left.last_payment_error.code) == (
        "requires_payment_method",
        "payment_intent_authentication_failure",
    )
    assert left.latest_charge is None


def test_the_bank_may_decline_after_it_recognised_the_customer(sandbox: Sandbox) -> None:
    intent = challenged(sandbox, "pm_card_threeDSecureRequiredChargeDeclined")

    assert answer(sandbox, intent, "complete")["redirect_status"] == ["failed"]
    left = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    assert left.last_payment_error.decline_code == "generic_decline"


def test_answering_twice_charges_once(sandbox: Sandbox) -> None:
    intent = challenged(sandbox)

    queries = [answer(sandbox, intent, button) for button in ("complete", "complete", "fail")]

    assert [query["redirect_status"] for query in queries] == [["succeeded"]] * 3
    assert len(sandbox.stripe.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_the_page_is_closed_to_whoever_lacks_the_client_secret(sandbox: Sandbox) -> None:
    url = challenged(sandbox).next_action.redirect_to_url.url

    assert requests.get(url[:-1], timeout=5).status_code == 404


def test_stripe_js_handles_the_action_when_the_server_says_so(sandbox: Sandbox) -> None:
    intent = sandbox.confirm(sandbox.intent().id, "pm_card_authenticationRequired", use_stripe_sdk=True)

    assert intent.next_action.type == "use_stripe_sdk"


@pytest.mark.parametrize("way", [{"off_session": True}, {"error_on_requires_action": True}])
def test_a_customer_who_is_away_cannot_be_asked(sandbox: Sandbox, way: dict[str, bool]) -> None:
    with pytest.raises(stripe.CardError) as declined:
        sandbox.confirm(sandbox.intent().id, "pm_card_authenticationRequired", **way)

    assert declined.value.code == "authentication_required"
