"""What each way to fail means: nothing happened, nobody knows, or it never will; and how often it is tried."""

from __future__ import annotations

from datetime import timedelta
from random import Random

import pytest
import responses
from structlog.testing import capture_logs

from fallback.domain.errors import FallbackError, OutcomeUnknown, Refused, TryAgain
from fallback.domain.order.patience import LEAVES_WITHIN, PATIENCE
from fallback.domain.payment.gateway import IntentState
from fallback.payments.calls import FIRST_WAIT, Calls
from fallback.payments.stripe_gateway import DEADLINE, TIMEOUT, StripeGateway
from tests.payments.stripe_replies import API, INTENTS, Clock, Reply, a_gateway, answers, broken, error, ok, page

VOID = f"{INTENTS}/pi_1/cancel"
LOOK = f"{INTENTS}/pi_1"

TRANSIENT = [
    pytest.param(broken("refused"), TryAgain, id="connection refused"),
    pytest.param(broken("no_such_host"), TryAgain, id="no such host"),
    pytest.param(broken("no_handshake"), TryAgain, id="no handshake"),
    pytest.param(error(429, "rate_limit"), TryAgain, id="429"),
    pytest.param(error(429, "lock_timeout"), TryAgain, id="429 lock timeout"),
    pytest.param(error(400, stripe_should_retry="true"), TryAgain, id="400, but Stripe says retry"),
    pytest.param(broken("timeout"), OutcomeUnknown, id="timeout"),
    pytest.param(broken("reset"), OutcomeUnknown, id="reset after sending"),
    pytest.param(error(409, "idempotency_key_in_use"), OutcomeUnknown, id="409"),
    pytest.param(error(424), OutcomeUnknown, id="424"),
    pytest.param(error(500, type="api_error"), OutcomeUnknown, id="500"),
    pytest.param(error(503, type="api_error"), OutcomeUnknown, id="503"),
    pytest.param(page("<h1>Bad gateway</h1>", 502), OutcomeUnknown, id="502 in HTML"),
    pytest.param(page("<h1>Welcome</h1>", 200), OutcomeUnknown, id="200 in HTML"),
    pytest.param({"status": 200, "json": {"id": "pi_1"}}, OutcomeUnknown, id="200 with something else"),
    pytest.param(ok(status="on_the_moon"), OutcomeUnknown, id="a state that nobody documented"),
]
PERMANENT = [
    pytest.param(error(400, "amount_too_small"), "amount_too_small", id="400"),
    pytest.param(error(404, "resource_missing"), "resource_missing", id="404"),
    pytest.param(error(400), "invalid_request_error", id="400 without a code"),
    pytest.param(error(400, type="idempotency_error"), "idempotency_error", id="the key of another request"),
]
NOT_AGAIN = [
    pytest.param(error(401), TryAgain, False, id="401, a wrong key"),
    pytest.param(error(403, "secret_key_required"), TryAgain, False, id="403, a key that may not"),
    pytest.param(error(500, stripe_should_retry="false"), OutcomeUnknown, True, id="500, Stripe says do not retry"),
    pytest.param(error(500, idempotent_replayed="true"), OutcomeUnknown, True, id="a saved 500, replayed"),
    pytest.param(
        error(500, idempotent_replayed="true", stripe_should_retry="true"), OutcomeUnknown, True, id="even if told to"
    ),
    pytest.param(error(409, stripe_should_retry="false"), OutcomeUnknown, False, id="409, do not retry"),
    pytest.param(error(429, stripe_should_retry="false"), TryAgain, False, id="429, do not retry"),
]


@pytest.mark.parametrize(("reply", "meaning"), TRANSIENT)
def test_a_write_that_meets_a_passing_trouble_is_tried_three_times(
    stripe: responses.RequestsMock, reply: Reply, meaning: type[FallbackError]
) -> None:
    answers(stripe, "POST", VOID, reply)

    with pytest.raises(meaning):
        a_gateway().void("pi_1", "key")

    assert [call.request.headers["Idempotency-Key"] for call in stripe.calls] == ["key"] * 3


@pytest.mark.parametrize(("reply", "meaning"), TRANSIENT)
def test_a_read_has_no_unknown_outcome(
    stripe: responses.RequestsMock, reply: Reply, meaning: type[FallbackError]
) -> None:
    answers(stripe, "GET", LOOK, reply)

    with pytest.raises(TryAgain):
        a_gateway().retrieve("pi_1")

    assert len(stripe.calls) == 3


@pytest.mark.parametrize(("reply", "code"), PERMANENT)
def test_a_refusal_is_not_tried_again(stripe: responses.RequestsMock, reply: Reply, code: str) -> None:
    answers(stripe, "POST", VOID, reply)

    with pytest.raises(Refused) as refusal:
        a_gateway().void("pi_1", "key")

    assert refusal.value.code == code
    assert len(stripe.calls) == 1


@pytest.mark.parametrize(("reply", "meaning", "key_spent"), NOT_AGAIN)
def test_what_the_same_key_cannot_change_is_not_tried_again(
    stripe: responses.RequestsMock, reply: Reply, meaning: type[FallbackError], key_spent: bool
) -> None:
    answers(stripe, "POST", VOID, reply)

    with pytest.raises(meaning) as failure:
        a_gateway().void("pi_1", "key")

    assert getattr(failure.value, "key_spent", False) is key_spent
    assert len(stripe.calls) == 1


def test_a_refusal_names_the_parameter_and_the_request(stripe: responses.RequestsMock) -> None:
    refusal = {"type": "invalid_request_error", "code": "url_invalid", "param": "return_url", "message": "…"}
    answers(stripe, "POST", VOID, {"status": 400, "json": {"error": refusal}, "headers": {"Request-Id": "req_1"}})

    with pytest.raises(Refused, match=r"^return_url req_1$"):
        a_gateway().void("pi_1", "key")


def test_a_trouble_is_named_with_its_status_and_its_request(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", VOID, error(500, type="api_error", stripe_should_retry="false", request_id="req_1"))

    with pytest.raises(OutcomeUnknown, match=r"^APIError 500 req_1$"):
        a_gateway().void("pi_1", "key")


@pytest.mark.parametrize(("status", "logged"), [(401, [401]), (403, [403]), (404, [])])
def test_a_key_that_stripe_refuses_is_an_error_in_the_log(
    stripe: responses.RequestsMock, status: int, logged: list[int]
) -> None:
    answers(stripe, "POST", VOID, error(status))

    with capture_logs() as logs, pytest.raises(FallbackError):
        a_gateway().void("pi_1", "key")

    assert [line["status"] for line in logs if line["event"] == "stripe_refuses_our_key"] == logged


@pytest.mark.parametrize("first", [broken("timeout"), error(500, type="api_error"), error(409), broken("refused")])
def test_a_successful_retry_hides_the_first_failure(stripe: responses.RequestsMock, first: Reply) -> None:
    answers(stripe, "POST", VOID, first, ok(status="canceled"))

    assert a_gateway().void("pi_1", "key").state is IntentState.VOIDED


@pytest.mark.parametrize("later", [broken("refused"), error(429), error(401), error(403)])
def test_what_was_sent_once_stays_unknown_whatever_stands_in_front_of_the_key_later(
    stripe: responses.RequestsMock, later: Reply
) -> None:
    answers(stripe, "POST", VOID, broken("timeout"), later)

    with pytest.raises(OutcomeUnknown):
        a_gateway().void("pi_1", "key")


def test_a_refusal_under_the_same_key_also_speaks_for_the_try_before(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", VOID, broken("timeout"), error(400, "amount_too_large"))

    with pytest.raises(Refused):
        a_gateway().void("pi_1", "key")


def test_a_500_that_turns_out_to_be_saved_has_spent_the_key(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", VOID, error(500, type="api_error"), error(500, idempotent_replayed="true"))

    with pytest.raises(OutcomeUnknown) as failure:
        a_gateway().void("pi_1", "key")

    assert failure.value.key_spent
    assert len(stripe.calls) == 2


# --- time


def test_whoever_began_a_call_has_its_answer_before_others_lose_their_patience() -> None:
    assert PATIENCE.total_seconds() > DEADLINE > TIMEOUT
    assert timedelta(seconds=TIMEOUT) < PATIENCE - LEAVES_WITHIN


def test_no_try_is_begun_that_could_outlast_the_deadline(stripe: responses.RequestsMock) -> None:
    clock = Clock()

    def time_out(request: object) -> tuple[int, dict[str, str], str]:
        clock.now += TIMEOUT
        raise broken("timeout")["body"]

    stripe.add_callback("POST", VOID, time_out)
    began = clock.now

    with pytest.raises(OutcomeUnknown):
        a_gateway(clock).void("pi_1", "key")

    assert len(stripe.calls) == 2
    assert clock.now - began <= DEADLINE


def test_one_try_that_may_take_all_the_time_is_made() -> None:
    clock = Clock()
    calls = Calls(10.0, 10.0, Random(1), clock.sleep, clock)
    assert calls.read(lambda: "answer", calls.until()) == "answer"


def test_the_calls_of_one_operation_share_its_deadline(stripe: responses.RequestsMock) -> None:
    clock = Clock()

    def slow_no(request: object) -> tuple[int, dict[str, str], str]:
        clock.now += DEADLINE - TIMEOUT + 1
        return 402, {}, '{"error": {"type": "card_error", "code": "card_declined"}}'

    stripe.add_callback("POST", f"{INTENTS}/pi_1/confirm", slow_no)

    with pytest.raises(TryAgain):
        a_gateway(clock).confirm("pi_1", "pm_card_visa", "https://shop.example", "key")

    assert len(stripe.calls) == 1


def test_the_waits_between_tries_are_short_and_differ(stripe: responses.RequestsMock) -> None:
    clock = Clock()
    answers(stripe, "POST", VOID, error(429))

    with pytest.raises(TryAgain):
        a_gateway(clock).void("pi_1", "key")

    first, second = clock.slept
    assert 0 <= first <= FIRST_WAIT
    assert 0 <= second <= 2 * FIRST_WAIT
    assert first != second


def test_the_longest_wait_is_half_a_second_and_doubles(stripe: responses.RequestsMock) -> None:
    class Longest(Random):
        def uniform(self, a: float, b: float) -> float:
            return b

    clock = Clock()
    answers(stripe, "POST", VOID, error(429))

    with pytest.raises(TryAgain):
        StripeGateway("sk_test_1", API, random=Longest(), sleep=clock.sleep, monotonic=clock).void("pi_1", "key")

    assert clock.slept == [0.5, 1.0]


def test_a_wait_that_stripe_asks_for_is_kept(stripe: responses.RequestsMock) -> None:
    clock = Clock()
    answers(stripe, "POST", VOID, error(429, retry_after="4"), ok(status="canceled"))

    a_gateway(clock).void("pi_1", "key")

    assert clock.slept == [4.0]


def test_a_wait_that_is_too_long_is_handed_on(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", VOID, error(429, retry_after="60"))

    with pytest.raises(TryAgain) as failure:
        a_gateway().void("pi_1", "key")

    assert failure.value.after == 60
    assert len(stripe.calls) == 1
