import time

import pytest
import requests
import stripe

from tests.sandbox.conftest import Sandbox


def test_a_sandbox_that_is_down_closes_the_connection(sandbox: Sandbox) -> None:
    sandbox.fault("down")

    with pytest.raises(stripe.APIConnectionError):
        sandbox.intent()
    with pytest.raises(requests.ConnectionError):
        requests.get(f"{sandbox.url}/v3/", timeout=5)

    sandbox.heal()
    assert sandbox.intent().id
    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1


def test_a_lost_reply_leaves_the_effect(sandbox: Sandbox) -> None:
    sandbox.fault("lost", method="POST", times=1)

    with pytest.raises(stripe.APIConnectionError):
        sandbox.intent("k")

    assert len(sandbox.stripe.v1.payment_intents.list().data) == 1
    assert sandbox.intent("k").id == sandbox.stripe.v1.payment_intents.list().data[0].id


def test_a_capture_whose_reply_is_lost_is_still_a_capture(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()
    sandbox.fault("lost", path="/v1/payment_intents/*/capture")

    with pytest.raises(stripe.APIConnectionError):
        sandbox.stripe.v1.payment_intents.capture(intent.id)

    assert sandbox.money()["captures"] == 1


def test_a_500_after_the_effect_says_nothing_about_it(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()
    sandbox.fault("error_after", times=1)

    with pytest.raises(stripe.APIError) as failed:
        sandbox.stripe.v1.payment_intents.capture(intent.id)

    assert failed.value.http_status == 500
    assert sandbox.stripe.v1.payment_intents.retrieve(intent.id).status == "succeeded"


def test_a_500_before_the_effect_did_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("error_before", times=1)

    with pytest.raises(stripe.APIError) as failed:
        sandbox.intent()

    assert failed.value.headers["Stripe-Should-Retry"] == "true"
    assert sandbox.stripe.v1.payment_intents.list().data == []


def test_too_many_requests_is_a_429_that_does_nothing(sandbox: Sandbox) -> None:
    sandbox.fault("rate_limit", times=1)

    with pytest.raises(stripe.RateLimitError):
        sandbox.intent("k")

    assert sandbox.intent("k").id


def test_a_slow_call_answers_in_the_end(sandbox: Sandbox) -> None:
    sandbox.fault("slow", seconds=0.3, method="POST")

    began = time.monotonic()
    sandbox.intent()

    assert time.monotonic() - began >= 0.3


def test_a_fault_meets_its_calls_and_ends_after_its_times(sandbox: Sandbox) -> None:
    sandbox.fault("error_before", path="/v1/refunds", method="POST", times=2)
    charge = sandbox.stripe.v1.payment_intents.capture(sandbox.authorized().id).latest_charge

    for _ in range(2):
        with pytest.raises(stripe.APIError):
            sandbox.stripe.v1.refunds.create({"charge": charge})

    assert sandbox.stripe.v1.refunds.create({"charge": charge}).status == "succeeded"
    assert sandbox.control("GET", "faults") == {"faults": []}


def test_a_fault_that_makes_no_sense_is_refused(sandbox: Sandbox) -> None:
    answer = requests.post(f"{sandbox.url}/_sandbox/faults", json={"kind": "moody"}, timeout=5)

    assert answer.status_code == 400
    assert "kind must be one of" in answer.json()["error"]
