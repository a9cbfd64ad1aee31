"""Page 'Idempotent requests' of Stripe's API reference, sentence by sentence."""

from concurrent.futures import FIRST_COMPLETED, ThreadPoolExecutor, wait

import pytest
import requests
import stripe

from tests.demo.waiting import eventually
from tests.sandbox.conftest import Sandbox

ORDER = {"amount": "2893", "currency": "eur", "metadata[ref]": "FB-1"}


def create(sandbox: Sandbox, key: str, **changes: str) -> requests.Response:
    return sandbox.post("payment_intents", ORDER | changes, key)


def intents(sandbox: Sandbox) -> int:
    return len(sandbox.stripe.v1.payment_intents.list().data)


def test_the_same_request_gets_the_same_answer(sandbox: Sandbox) -> None:
    first, again = create(sandbox, "k"), create(sandbox, "k")

    assert again.content == first.content
    assert "Idempotent-Replayed" not in first.headers
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Original-Request"] == first.headers["Request-Id"] != again.headers["Request-Id"]
    assert intents(sandbox) == 1


def test_other_parameters_under_the_same_key_are_an_error(sandbox: Sandbox) -> None:
    create(sandbox, "k")

    other = create(sandbox, "k", amount="2894")

    assert (other.status_code, other.json()["error"]["type"]) == (400, "idempotency_error")
    assert intents(sandbox) == 1


def test_the_library_knows_that_error(sandbox: Sandbox) -> None:
    sandbox.intent("k")

    with pytest.raises(stripe.IdempotencyError):
        sandbox.intent("k", amount=2894)


def test_another_endpoint_under_the_same_key_is_an_error(sandbox: Sandbox) -> None:
    intent = sandbox.authorized()
    sandbox.post(f"payment_intents/{intent.id}/capture", {}, "k")

    other = sandbox.post(f"payment_intents/{intent.id}/cancel", {}, "k")

    assert other.json()["error"]["type"] == "idempotency_error"
    assert f"{intent.id}/cancel' vs" in other.json()["error"]["message"]


def test_a_second_request_while_the_first_runs_is_a_conflict(sandbox: Sandbox) -> None:
    sandbox.fault("slow", times=1)
    with ThreadPoolExecutor() as threads:
        answers = [threads.submit(create, sandbox, "k")]
        eventually(lambda: sandbox.control("GET", "faults")["faults"] == [])
        answers.append(threads.submit(create, sandbox, "k"))
        wait(answers, return_when=FIRST_COMPLETED)
        sandbox.heal()
    conflict, first = sorted((each.result() for each in answers), key=lambda answer: -answer.status_code)
    assert (first.status_code, conflict.status_code) == (200, 409)
    assert conflict.json()["error"]["code"] == "idempotency_key_in_use"
    assert conflict.headers["Stripe-Should-Retry"] == "true"
    assert create(sandbox, "k").json()["id"] == first.json()["id"]


def test_a_decline_is_saved_too(sandbox: Sandbox) -> None:
    declined = {"confirm": "true", "payment_method": "pm_card_visa_chargeDeclined", "return_url": "https://s.test"}

    first, again = create(sandbox, "k", **declined), create(sandbox, "k", **declined)

    assert (first.status_code, again.content) == (402, first.content)
    assert sandbox.money()["declines"] == 1


def test_a_saved_500_is_given_again_though_the_intent_exists(sandbox: Sandbox) -> None:
    sandbox.fault("error_after", times=1)

    first, again = create(sandbox, "k"), create(sandbox, "k")

    assert (first.status_code, again.status_code) == (500, 500)
    assert again.headers["Idempotent-Replayed"] == "true"
    assert again.headers["Stripe-Should-Retry"] == "false"
    assert intents(sandbox) == 1


@pytest.mark.parametrize("saved", [True, False])
def test_a_500_before_the_effect_is_saved_only_on_demand(sandbox: Sandbox, saved: bool) -> None:
    sandbox.fault("error_before", times=1, saved=saved)

    first, again = create(sandbox, "k"), create(sandbox, "k")

    assert first.status_code == 500
    assert again.status_code == (500 if saved else 200)
    assert intents(sandbox) == (0 if saved else 1)


def test_what_failed_validation_is_not_saved(sandbox: Sandbox) -> None:
    refused = create(sandbox, "k", amount="nothing")

    assert refused.status_code == 400
    assert create(sandbox, "k").status_code == 200


def test_what_failed_while_it_ran_is_saved(sandbox: Sandbox) -> None:
    intent = sandbox.intent()
    refused = sandbox.post(f"payment_intents/{intent.id}/capture", {}, "k")
    sandbox.confirm(intent.id)

    again = sandbox.post(f"payment_intents/{intent.id}/capture", {}, "k")

    assert again.json()["error"]["code"] == "payment_intent_unexpected_state"
    assert again.content == refused.content


def test_an_error_leaves_nothing_else_behind(sandbox: Sandbox) -> None:
    confirm = sandbox.stripe.v1.payment_intents.confirm
    method = sandbox.stripe.v1.payment_methods.retrieve("pm_card_visa").id
    with pytest.raises(stripe.InvalidRequestError, match="return_url"):
        confirm(sandbox.intent().id, {"payment_method": method})

    paid = confirm(sandbox.intent().id, {"payment_method": method, "return_url": "https://shop.test"})

    assert paid.status == "requires_capture"


def test_a_key_is_forgotten_after_a_day(sandbox: Sandbox) -> None:
    first = create(sandbox, "k").json()["id"]
    sandbox.control("POST", "clock", {"advance": 24 * 3600 - 5})
    assert create(sandbox, "k").json()["id"] == first

    sandbox.control("POST", "clock", {"advance": 10})

    assert create(sandbox, "k").json()["id"] != first


def test_a_key_can_be_forgotten_on_demand(sandbox: Sandbox) -> None:
    create(sandbox, "FB-1:create")

    assert sandbox.control("DELETE", "idempotency_keys/FB-1:create") == {"forgotten": 1}
    assert "Idempotent-Replayed" not in create(sandbox, "FB-1:create").headers
