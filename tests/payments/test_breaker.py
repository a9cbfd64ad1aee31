"""Stripe is left alone while it is down, and looked for every few seconds."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import UTC, datetime, timedelta
from threading import Barrier

import pytest
import responses
import time_machine

from fallback.domain.errors import OutcomeUnknown, Refused, TryAgain
from fallback.payments.stripe_gateway import StripeGateway
from tests.payments.stripe_replies import INTENTS, a_gateway, answers, broken, error, ok

LOOK = f"{INTENTS}/pi_1"
NOON = datetime(2026, 11, 21, 12, tzinfo=UTC)
FAILURES_TO_OPEN, REST = 5, timedelta(seconds=5)


def a_gateway_that_gave_up(stripe: responses.RequestsMock) -> StripeGateway:
    gateway = a_gateway()
    answers(stripe, "GET", LOOK, broken("refused"))
    for _ in range(2):
        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")
    return gateway


def test_after_some_failures_in_a_row_calls_end_at_once(stripe: responses.RequestsMock) -> None:
    gateway = a_gateway_that_gave_up(stripe)

    with pytest.raises(TryAgain, match=r"^Stripe failed several calls in a row$"):
        gateway.void("pi_1", "key")

    assert len(stripe.calls) == FAILURES_TO_OPEN
    assert not gateway.available


def test_after_a_rest_one_call_finds_out_that_stripe_is_back(stripe: responses.RequestsMock) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        gateway = a_gateway_that_gave_up(stripe)
        now.shift(REST)
        assert gateway.available
        stripe.replace("GET", LOOK, **ok())

        gateway.retrieve("pi_1")

        stripe.replace("GET", LOOK, **broken("refused"))
        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")
        assert gateway.available


def test_after_a_rest_one_call_finds_out_that_stripe_is_still_down(stripe: responses.RequestsMock) -> None:
    with time_machine.travel(NOON, tick=False) as now:
        gateway = a_gateway_that_gave_up(stripe)
        now.shift(REST)

        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")

        assert len(stripe.calls) == FAILURES_TO_OPEN + 1
        assert not gateway.available


def test_a_write_that_may_have_arrived_stays_unknown_when_the_breaker_cuts_its_tries_short(
    stripe: responses.RequestsMock,
) -> None:
    gateway = a_gateway()
    answers(stripe, "GET", LOOK, error(503, stripe_should_retry="false"))
    answers(stripe, "POST", f"{LOOK}/cancel", broken("timeout"))
    for _ in range(FAILURES_TO_OPEN - 1):
        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")

    with pytest.raises(OutcomeUnknown) as told:
        gateway.void("pi_1", "key")

    assert told.value.after is None
    assert len(stripe.calls) == FAILURES_TO_OPEN
    assert not gateway.available


@pytest.mark.parametrize("answer", [error(404, "resource_missing"), error(429, "lock_timeout"), error(409)])
def test_answers_of_a_stripe_that_works_do_not_count(stripe: responses.RequestsMock, answer: dict[str, object]) -> None:
    gateway = a_gateway()
    answers(stripe, "GET", LOOK, answer)

    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises((Refused, TryAgain)):
            gateway.retrieve("pi_1")

    assert gateway.available


@pytest.mark.parametrize("answer", [error(401), error(403), error(503)])
def test_answers_of_a_stripe_that_does_not_work_for_us_count(
    stripe: responses.RequestsMock, answer: dict[str, object]
) -> None:
    gateway = a_gateway()
    answers(stripe, "GET", LOOK, answer)

    for _ in range(FAILURES_TO_OPEN):
        with pytest.raises(TryAgain):
            gateway.retrieve("pi_1")

    assert not gateway.available


def test_declined_cards_do_not_count(stripe: responses.RequestsMock) -> None:
    gateway = a_gateway()
    answers(stripe, "POST", f"{LOOK}/confirm", error(402, "card_declined", "card_error"))
    answers(stripe, "GET", LOOK, ok(last_payment_error={"code": "card_declined"}))

    for number in range(FAILURES_TO_OPEN):
        gateway.confirm("pi_1", "pm_card_visa", "https://shop.example", f"key {number}")

    assert gateway.available


def test_threads_call_at_the_same_time(stripe: responses.RequestsMock) -> None:
    together = Barrier(4, timeout=10)

    def all_here(request: object) -> tuple[int, dict[str, str], str]:
        together.wait()
        return 404, {}, '{"error": {"type": "invalid_request_error", "code": "resource_missing"}}'

    stripe.add_callback("GET", LOOK, all_here)
    gateway = a_gateway()

    with ThreadPoolExecutor(4) as pool:
        calls = [pool.submit(gateway.retrieve, "pi_1") for _ in range(4)]

    assert all(isinstance(call.exception(), Refused) for call in calls)
