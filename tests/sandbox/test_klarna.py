"""Klarna in the sandbox: its page, what comes of it, and the gateway that hears of it."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from urllib.parse import parse_qs, urlsplit

import pytest
import requests
import stripe

from fallback.domain.money import Money
from fallback.domain.order.grants import RefundState
from fallback.domain.payment.gateway import Intent, IntentState
from fallback.payments.stripe_gateway import StripeGateway
from tests.sandbox.conftest import RETURN_URL, SECRET, Sandbox

TOTAL = Money(2893, "EUR")


def a_token(sandbox: Sandbox, **billing: object) -> str:
    details = {"email": "iris@example.org", "address": {"country": "DE"}} | billing
    method = sandbox.stripe.v1.payment_methods.create({"type": "klarna", "billing_details": details})
    return sandbox.token(method.id)


def gateway(sandbox: Sandbox) -> StripeGateway:
    return StripeGateway(SECRET, sandbox.url)


def sent_to_klarna(sandbox: Sandbox) -> Intent:
    there = gateway(sandbox)
    return there.confirm(there.create("FB-1", TOTAL, "create").id, a_token(sandbox), RETURN_URL, "confirm")


def answer(intent: Intent, button: str) -> str:
    """Press a button on Klarna's page; returns the status that the shop is told in the return address."""
    assert intent.next_action_url
    reply = requests.post(intent.next_action_url, {"answer": button}, timeout=5, allow_redirects=False)
    assert reply.headers["Location"].startswith(RETURN_URL)
    return parse_qs(urlsplit(reply.headers["Location"]).query)["redirect_status"][0]


def test_the_customer_is_sent_to_a_page_that_needs_no_script(sandbox: Sandbox) -> None:
    intent = sent_to_klarna(sandbox)
    assert intent.state is IntentState.NEEDS_CUSTOMER
    page = requests.get(intent.next_action_url or "", timeout=5).text
    assert "28.93 EUR" in page
    assert "<script" not in page


def test_who_buys_there_has_authorized_until_midnight_of_the_28th_day(sandbox: Sandbox) -> None:
    intent = sent_to_klarna(sandbox)
    today = datetime.now(UTC).replace(hour=0, minute=0, second=0, microsecond=0)

    assert answer(intent, "complete") == "succeeded"

    there = gateway(sandbox).retrieve(intent.id)
    assert there.state is IntentState.AUTHORIZED
    assert there.capture_before in (today + timedelta(days=28), today + timedelta(days=29))  # midnight meanwhile
    [charge] = sandbox.stripe.v1.charges.list({"payment_intent": intent.id}).data
    assert (charge.payment_method_details.type, "card" in charge.payment_method_details) == ("klarna", False)


@pytest.mark.parametrize(
    ("button", "code"),
    [("refuse", "payment_method_provider_decline"), ("leave", "payment_method_customer_decline")],
)
def test_who_is_refused_or_leaves_may_pay_in_another_way(sandbox: Sandbox, button: str, code: str) -> None:
    intent = sent_to_klarna(sandbox)

    assert answer(intent, button) == "failed"

    there = gateway(sandbox).retrieve(intent.id)
    assert there.decline
    assert (there.state, there.decline.code, there.decline.advice) == (IntentState.NEEDS_CARD, code, "customer")
    paid = gateway(sandbox).confirm(intent.id, sandbox.token(), RETURN_URL, "confirm:2")
    assert paid.state is IntentState.AUTHORIZED


def test_who_comes_back_twice_has_paid_once(sandbox: Sandbox) -> None:
    intent = sent_to_klarna(sandbox)
    assert [answer(intent, button) for button in ("complete", "complete", "leave")] == ["succeeded"] * 3
    assert len(sandbox.stripe.v1.charges.list({"payment_intent": intent.id}).data) == 1


def test_an_old_page_of_klarna_pays_nothing_that_was_begun_in_another_way(sandbox: Sandbox) -> None:
    old = sent_to_klarna(sandbox)
    bank = gateway(sandbox).confirm(old.id, sandbox.token("pm_card_threeDSecure2Required"), RETURN_URL, "confirm:2")
    assert bank.state is IntentState.NEEDS_CUSTOMER

    answer(old, "complete")

    assert gateway(sandbox).retrieve(old.id).state is IntentState.NEEDS_CUSTOMER


def test_it_is_captured_refunded_later_and_voided(sandbox: Sandbox) -> None:
    intent, there = sent_to_klarna(sandbox), gateway(sandbox)
    answer(intent, "complete")
    assert there.capture(intent.id, TOTAL, "capture").captured == 2893

    [refund] = there.refund(intent.id, Money(1000, "EUR"), "refund").refunds
    assert refund.state is RefundState.PENDING
    sandbox.control("PATCH", f"refunds/{refund.id}", {"status": "succeeded"})
    assert [each.state for each in there.retrieve(intent.id).refunds] == [RefundState.SUCCEEDED]


def test_an_authorization_that_is_not_captured_lapses(sandbox: Sandbox) -> None:
    intent = sent_to_klarna(sandbox)
    answer(intent, "complete")

    sandbox.control("PATCH", f"payment_intents/{intent.id}", {"capture_before": 1})

    there = gateway(sandbox).retrieve(intent.id)
    assert (there.state, there.lapsed) == (IntentState.VOIDED, True)


def test_without_a_country_or_in_another_currency_it_is_not_offered(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="country"):
        a_token(sandbox, address={})
    intent, params = sandbox.intent(currency="jpy"), {"confirmation_token": a_token(sandbox), "return_url": RETURN_URL}
    with pytest.raises(stripe.InvalidRequestError, match="klarna"):
        sandbox.stripe.v1.payment_intents.confirm(intent.id, params)
