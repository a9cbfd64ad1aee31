"""What Stripe is asked for, in its own words."""

from __future__ import annotations

from collections.abc import Callable
from datetime import UTC, datetime
from typing import Any
from urllib.parse import parse_qsl

import pytest
import responses

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.domain.money import Money
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.payments.stripe_gateway import StripeGateway
from tests.payments.stripe_replies import API, INTENTS, a_charge, a_gateway, a_stripe_intent, answers, error, ok

BACK = "https://shop.example/orders/back"
LOOK = f"{INTENTS}/pi_1"


def form(stripe: responses.RequestsMock, number: int = -1) -> dict[str, str]:
    return dict(parse_qsl(stripe.calls[number].request.body))


def a_paid_intent(**of_charge: Any) -> dict[str, Any]:
    charge = a_charge(amount_captured=2893, **of_charge)
    return a_stripe_intent(status="succeeded", amount_received=2893, latest_charge=charge)


def test_an_intent_is_created_unconfirmed_for_manual_capture(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", INTENTS, ok())

    a_gateway().create("FB-7K3M-92QX-5", Money(2893, "EUR"), "FB-7K3M-92QX-5:create")

    assert form(stripe) == {
        "amount": "2893",
        "currency": "eur",
        "capture_method": "manual",
        "automatic_payment_methods[enabled]": "true",
        "automatic_payment_methods[allow_redirects]": "always",
        "metadata[ref]": "FB-7K3M-92QX-5",
        "expand[0]": "latest_charge",
    }
    assert stripe.calls[0].request.headers["Idempotency-Key"] == "FB-7K3M-92QX-5:create"


@pytest.mark.parametrize(("token", "field"), [("ctoken_1", "confirmation_token"), ("pm_card_visa", "payment_method")])
def test_a_card_is_confirmed_by_its_token_and_the_bank_by_a_page_of_its_own(
    stripe: responses.RequestsMock, token: str, field: str
) -> None:
    answers(stripe, "POST", f"{LOOK}/confirm", ok(status="requires_capture"))

    a_gateway().confirm("pi_1", token, BACK, "key")

    sent = form(stripe)
    assert (sent[field], sent["return_url"], sent["use_stripe_sdk"]) == (token, BACK, "false")


@pytest.mark.parametrize(
    ("total", "amount"),
    [
        (Money(2893, "EUR"), "2893"),
        (Money(2893, "JPY"), "2893"),
        (Money(2893, "ISK"), "289300"),
        (Money(2893, "UGX"), "289300"),
        (Money(289300, "MGA"), "2893"),
        (Money(2890, "KWD"), "2890"),
    ],
)
def test_amounts_are_sent_as_stripe_counts_them(stripe: responses.RequestsMock, total: Money, amount: str) -> None:
    answers(stripe, "POST", INTENTS, ok())

    a_gateway().create("FB-7K3M-92QX-5", total, "key")

    assert form(stripe)["amount"] == amount


@pytest.mark.parametrize("total", [Money(2893, "KWD"), Money(289350, "MGA")])
def test_what_stripe_cannot_charge_exactly_is_refused_and_never_rounded(
    stripe: responses.RequestsMock, total: Money
) -> None:
    with pytest.raises(Refused) as refusal:
        a_gateway().create("FB-7K3M-92QX-5", total, "key")

    assert refusal.value.code == "amount_not_chargeable"
    assert len(stripe.calls) == 0


def test_a_capture_counts_as_stripe_counts_its_currency(stripe: responses.RequestsMock) -> None:
    held = a_stripe_intent(status="requires_capture", currency="isk", amount=289300, latest_charge=a_charge())
    answers(stripe, "POST", f"{LOOK}/capture", {"json": held | {"status": "succeeded", "amount_received": 289300}})

    intent = a_gateway().capture("pi_1", Money(2893, "ISK"), "key")

    assert form(stripe)["amount_to_capture"] == "289300"
    assert intent.captured == 2893


def test_a_refund_brings_its_intent_along(stripe: responses.RequestsMock) -> None:
    paid = a_paid_intent(amount_refunded=500)
    answers(stripe, "POST", f"{API}/v1/refunds", {"json": {"id": "re_1", "amount": 500, "payment_intent": paid}})

    intent = a_gateway().refund("pi_1", Money(500, "EUR"), "key", 3)

    assert form(stripe) == {
        "payment_intent": "pi_1",
        "amount": "500",
        "metadata[grant]": "3",
        "expand[0]": "payment_intent.latest_charge.refunds",
    }
    assert intent.refunded == 500


WRITES = {
    f"{LOOK}/confirm": lambda gateway: gateway.confirm("pi_1", "pm_card_visa", BACK, "key"),
    f"{LOOK}/capture": lambda gateway: gateway.capture("pi_1", Money(2893, "EUR"), "key"),
    f"{LOOK}/cancel": lambda gateway: gateway.void("pi_1", "key"),
}


@pytest.mark.parametrize(("url", "write"), WRITES.items())
def test_each_write_carries_its_key_and_brings_its_charge_along(
    stripe: responses.RequestsMock, url: str, write: Callable[[StripeGateway], Intent]
) -> None:
    answers(stripe, "POST", url, ok())

    write(a_gateway())

    assert stripe.calls[0].request.headers["Idempotency-Key"] == "key"
    assert form(stripe)["expand[0]"] == "latest_charge"


@pytest.mark.parametrize("paid", ["pi_1", {"id": "pi_1"}])
def test_a_refund_without_its_intent_is_not_understood(stripe: responses.RequestsMock, paid: object) -> None:
    """As Stripe documents it: the refund may have been made."""
    answers(stripe, "POST", f"{API}/v1/refunds", {"json": {"id": "re_1", "amount": 500, "payment_intent": paid}})
    with pytest.raises(OutcomeUnknown):
        a_gateway().refund("pi_1", Money(500, "EUR"), "key", 3)


def test_a_refund_carries_its_key_and_names_a_grant_where_there_is_one(stripe: responses.RequestsMock) -> None:
    answers(
        stripe, "POST", f"{API}/v1/refunds", {"json": {"id": "re_1", "amount": 1, "payment_intent": a_paid_intent()}}
    )

    a_gateway().refund("pi_1", Money(1, "EUR"), "key")

    assert stripe.calls[0].request.headers["Idempotency-Key"] == "key"
    assert "metadata[grant]" not in form(stripe)


def test_a_call_has_two_seconds_to_connect_and_ten_in_total(stripe: responses.RequestsMock) -> None:
    answers(stripe, "GET", LOOK, error(503))

    with pytest.raises(TryAgain):
        a_gateway().retrieve("pi_1")

    assert [call.request.req_kwargs["timeout"] for call in stripe.calls] == [(2.0, 8.0)] * 3


def test_an_intent_is_looked_at_with_its_refunds(stripe: responses.RequestsMock) -> None:
    answers(stripe, "GET", LOOK, ok())

    a_gateway().retrieve("pi_1")

    assert stripe.calls[0].request.params == {"expand[0]": "latest_charge.refunds"}


def test_refunds_that_are_too_many_to_come_along_are_read_page_by_page(stripe: responses.RequestsMock) -> None:
    newest, older = [[{"id": f"re_{number}", "amount": 1, "status": "succeeded"}] for number in (2, 1)]
    charge = a_charge(amount_captured=2893, amount_refunded=2, refunds={"data": newest, "has_more": True})
    answers(stripe, "GET", LOOK, ok(status="succeeded", amount_received=2893, latest_charge=charge))
    pages = [{"object": "list", "data": newest, "has_more": True}, {"object": "list", "data": older, "has_more": False}]
    answers(stripe, "GET", f"{API}/v1/refunds", *({"json": page} for page in pages))

    intent = a_gateway().retrieve("pi_1")

    assert [each.id for each in intent.refunds] == ["re_1", "re_2"]
    about = {"payment_intent": "pi_1", "limit": "100"}
    assert [call.request.params for call in stripe.calls][1:] == [about, about | {"starting_after": "re_2"}]


@pytest.mark.parametrize("code", ["payment_intent_unexpected_state", "charge_expired_for_capture"])
def test_a_state_that_came_first_is_looked_at(stripe: responses.RequestsMock, code: str) -> None:
    answers(stripe, "POST", f"{LOOK}/capture", error(400, code))
    answers(stripe, "GET", LOOK, ok(status="canceled", cancellation_reason="automatic"))

    intent = a_gateway().capture("pi_1", Money(2893, "EUR"), "key")

    assert (intent.state, intent.lapsed) == (IntentState.VOIDED, True)


NO_SUCH_TOKEN = {"code": "resource_missing", "param": "confirmation_token", "message": "No such confirmation_token: …"}
NO_SUCH_CARD = {"code": "resource_missing", "param": "payment_method", "message": "No such PaymentMethod: …"}
USED_TOKEN = {"param": "confirmation_token", "message": "The ConfirmationToken was already used …"}
USED_CARD = {"message": "The provided PaymentMethod was previously used … It may not be used again. To use …"}


@pytest.mark.parametrize("refusal", [NO_SUCH_TOKEN, NO_SUCH_CARD, USED_TOKEN, USED_CARD])
def test_a_card_that_cannot_be_used_any_more_is_asked_for_again(
    stripe: responses.RequestsMock, refusal: dict[str, str]
) -> None:
    body = {"error": {"type": "invalid_request_error"} | refusal}
    answers(stripe, "POST", f"{LOOK}/confirm", {"status": 400, "json": body})
    answers(stripe, "GET", LOOK, ok(status="requires_confirmation"))

    intent = a_gateway().confirm("pi_1", "ctoken_1", BACK, "key")

    assert intent.state is IntentState.NEEDS_CARD
    assert intent.decline is not None
    assert (intent.decline.code, intent.decline.advice) == ("card_token_expired", "customer")


def test_a_card_is_not_asked_for_again_when_it_was_used_for_this_very_intent(stripe: responses.RequestsMock) -> None:
    body = {"error": {"type": "invalid_request_error"} | USED_TOKEN}
    answers(stripe, "POST", f"{LOOK}/confirm", {"status": 400, "json": body})
    answers(stripe, "GET", LOOK, ok(status="requires_action"))

    intent = a_gateway().confirm("pi_1", "ctoken_1", BACK, "key")

    assert (intent.state, intent.decline) == (IntentState.NEEDS_CUSTOMER, None)


def test_what_is_wrong_with_our_request_is_not_the_customers_matter(stripe: responses.RequestsMock) -> None:
    refusal = {"type": "invalid_request_error", "code": "url_invalid", "param": "return_url", "message": "Not a URL"}
    answers(stripe, "POST", f"{LOOK}/confirm", {"status": 400, "json": {"error": refusal}})

    with pytest.raises(Refused) as failure:
        a_gateway().confirm("pi_1", "ctoken_1", "nowhere", "key")

    assert failure.value.code == "url_invalid"


def test_an_intent_is_looked_for_by_the_list_from_a_little_before(stripe: responses.RequestsMock) -> None:
    answers(stripe, "GET", INTENTS, {"json": {"object": "list", "data": [a_stripe_intent()], "has_more": True}})
    since = datetime(2026, 11, 21, 12, tzinfo=UTC)

    found = a_gateway().find("FB-7K3M-92QX-5", since)

    assert found is not None
    asked = stripe.calls[0].request.params
    assert asked["created[gte]"] == str(int(since.timestamp()) - 300)
    assert "starting_after" not in asked


def test_a_search_returns_the_newest_of_several_cancelled_intents(stripe: responses.RequestsMock) -> None:
    gone = [a_stripe_intent(id=f"pi_{number}", status="canceled") for number in (3, 2)]
    answers(stripe, "GET", INTENTS, {"json": {"object": "list", "data": gone, "has_more": False}})

    found = a_gateway().find("FB-7K3M-92QX-5", datetime(2026, 11, 21, 12, tzinfo=UTC))

    assert found is not None
    assert found.id == "pi_3"


def test_intents_are_listed_with_the_orders_that_they_are_for(stripe: responses.RequestsMock) -> None:
    listed = [a_stripe_intent(id="pi_2"), a_stripe_intent(id="pi_1", metadata={"shop": "another"})]
    answers(stripe, "GET", INTENTS, {"json": {"object": "list", "data": listed, "has_more": False}})

    found = list(a_gateway().listed(datetime(2026, 11, 21, 12, tzinfo=UTC)))

    assert [(ref, intent.id) for ref, intent in found] == [("FB-7K3M-92QX-5", "pi_2")]
    assert "starting_after" not in stripe.calls[0].request.params
