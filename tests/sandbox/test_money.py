"""Capture, void, refund, expiry, and what the summary says about them."""

import time

import pytest
import stripe

from tests.sandbox.conftest import Sandbox


def test_a_capture_takes_the_held_money_once(sandbox: Sandbox) -> None:
    intent = sandbox.stripe.v1.payment_intents.capture(sandbox.authorized().id, {"expand": ["latest_charge"]})

    assert (intent.status, intent.amount_received, intent.amount_capturable) == ("succeeded", 2893, 0)
    assert "capture_before" not in intent.latest_charge.payment_method_details.card
    assert sandbox.money() == {
        "intents": [{"id": intent.id, "status": "succeeded", "amount": 2893}],
        "currency": "eur",
        "authorized": 0,
        "captured": 2893,
        "captures": 1,
        "declines": 0,
        "refunded": 0,
        "voided": 0,
    }


def test_a_part_may_be_captured_but_never_more_than_is_held(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2894})
    captured = sandbox.stripe.v1.payment_intents.capture(intent.id, {"amount_to_capture": 2000})

    assert refused.value.code == "amount_too_large"
    assert (captured.amount_received, sandbox.money()["captured"]) == (2000, 2000)


def test_a_cancelled_intent_lets_the_money_go(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()

    void = sandbox.stripe.v1.payment_intents.cancel(intent.id, {"cancellation_reason": "duplicate"})

    assert (void.status, void.cancellation_reason, void.amount_capturable) == ("canceled", "duplicate", 0)
    assert sandbox.stripe.v1.charges.retrieve(intent.latest_charge).refunded
    assert (sandbox.money()["voided"], sandbox.money()["captured"]) == (1, 0)


def test_an_authorization_expires_by_itself(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()

    sandbox.control("PATCH", f"payment_intents/{intent.id}", {"capture_before": int(time.time()) - 1})

    expired = sandbox.stripe.v1.payment_intents.retrieve(intent.id)
    assert (expired.status, expired.cancellation_reason) == ("canceled", "automatic")
    assert sandbox.events()[-2:] == ["charge.expired", "payment_intent.canceled"]


def test_seven_days_on_the_clock_end_an_authorization(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()

    sandbox.control("POST", "clock", {"advance": 7 * 24 * 3600 - 60})
    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "requires_capture"
    sandbox.control("POST", "clock", {"advance": 61})

    with pytest.raises(stripe.InvalidRequestError) as refused:
        sandbox.stripe.v1.payment_intents.capture(intent.id)
    assert refused.value.error.payment_intent.status == "canceled"


def test_refunds_add_up_to_the_charge_and_no_further(sandbox: Sandbox) -> None:
    intent = sandbox.stripe.v1.payment_intents.capture(sandbox.authorized().id)
    refunds = sandbox.stripe.v1.refunds

    part = refunds.create({"payment_intent": intent.id, "amount": 893, "metadata": {"reason": "late"}})
    with pytest.raises(stripe.InvalidRequestError, match="greater than unrefunded amount"):
        refunds.create({"payment_intent": intent.id, "amount": 2001})
    rest = refunds.create({"charge": intent.latest_charge})
    with pytest.raises(stripe.InvalidRequestError) as refused:
        refunds.create({"payment_intent": intent.id})

    assert (part.status, part.metadata["reason"], rest.amount) == ("succeeded", "late", 2000)
    assert refused.value.code == "charge_already_refunded"
    assert [refund.amount for refund in refunds.list({"payment_intent": intent.id}).data] == [2000, 893]
    assert sandbox.money()["refunded"] == 2893


def test_what_was_never_captured_cannot_be_refunded(sandbox: Sandbox) -> None:
    with pytest.raises(stripe.InvalidRequestError, match="does not have a successful charge"):
        sandbox.stripe.v1.refunds.create({"payment_intent": sandbox.authorized().id})


def test_a_disputed_charge_succeeds_first(sandbox: Sandbox) -> None:
    intent = sandbox.confirm(sandbox.intent(capture_method="automatic").id, "pm_card_createDispute")

    assert intent.status == "succeeded"
    assert sandbox.stripe.v1.charges.retrieve(intent.latest_charge).disputed
    assert "charge.dispute.created" in sandbox.events()


def test_two_captured_intents_of_one_order_show_in_the_summary(sandbox: Sandbox) -> None:
    for _ in range(2):
        sandbox.stripe.v1.payment_intents.capture(sandbox.authorized().id)

    assert (sandbox.money()["captures"], sandbox.money()["captured"]) == (2, 5786)


def test_a_dispute_is_decided_by_the_evidence_and_told(sandbox: Sandbox) -> None:
    for evidence, status in (("winning_evidence", "won"), ("losing_evidence", "lost")):
        intent = sandbox.confirm(sandbox.intent(capture_method="automatic").id, "pm_card_createDispute")
        [dispute] = sandbox.stripe.v1.disputes.list({"payment_intent": intent.id}).data
        assert dispute.status == "needs_response"
        decided = sandbox.stripe.v1.disputes.update(dispute.id, {"evidence": {"uncategorized_text": evidence}})
        assert decided.status == status
    assert sandbox.events().count("charge.dispute.closed") == 2


def test_a_card_of_elevated_risk_is_reviewed_and_a_stolen_one_is_warned_of(sandbox: Sandbox) -> None:
    intent = sandbox.confirm(sandbox.intent().id, "pm_card_riskLevelElevated")
    assert intent.status == "requires_capture"
    [review] = sandbox.stripe.v1.reviews.list().data
    assert (review.open, review.payment_intent) == (True, intent.id)
    assert not sandbox.stripe.v1.reviews.approve(review.id).open
    sandbox.confirm(sandbox.intent().id, "pm_card_createIssuerFraudRecord")
    assert {"review.opened", "review.closed", "radar.early_fraud_warning.created"} <= set(sandbox.events())
