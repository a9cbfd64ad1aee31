"""Stripe limits how often it may be called: it works, and is left alone for as long as it says."""

from __future__ import annotations

from collections.abc import Callable

import pytest
import responses
from structlog.testing import capture_logs

from fallback.domain.errors import UNTOLD, OutcomeUnknown, RateLimited, TryAgain
from fallback.domain.payment.gateway import IntentState
from fallback.payments.calls import FAILURES_TO_OPEN, TRIES
from fallback.payments.stripe_gateway import DEADLINE
from tests.payments.stripe_replies import INTENTS, Clock, a_gateway, answers, broken, error, ok

LOOK = f"{INTENTS}/pi_1"
VOID = f"{LOOK}/cancel"


def limited(act: Callable[[], object]) -> float:
    with pytest.raises(RateLimited) as told:
        act()
    return told.value.after


@pytest.mark.parametrize("wait", [{}, {"retry_after": "1"}, {"stripe_should_retry": "false"}])
def test_it_is_not_taken_for_an_outage(stripe: responses.RequestsMock, wait: dict[str, str]) -> None:
    gateway = a_gateway()
    answers(stripe, "GET", LOOK, error(429, "rate_limit", **wait))

    for _ in range(2 * FAILURES_TO_OPEN):
        limited(lambda: gateway.retrieve("pi_1"))

    assert gateway.available


def test_no_call_of_anyone_leaves_before_its_time(stripe: responses.RequestsMock) -> None:
    clock = Clock()
    gateway = a_gateway(clock)
    answers(stripe, "POST", VOID, error(429, "rate_limit", retry_after="60"), ok(status="canceled"))
    answers(stripe, "GET", LOOK, ok())

    with capture_logs() as logs:
        assert limited(lambda: gateway.void("pi_1", "key")) == 60
    assert [line["seconds"] for line in logs if line["event"] == "stripe_limits_our_calls"] == [60]
    clock.sleep(20)
    with pytest.raises(RateLimited, match=r"^the rate limit of Stripe holds$"):
        gateway.retrieve("pi_1")
    assert limited(lambda: gateway.retrieve("pi_1")) == 40
    assert len(stripe.calls) == 1

    clock.sleep(40)
    assert gateway.void("pi_1", "key").state is IntentState.VOIDED


def test_where_stripe_does_not_say_how_long_everyone_rests_for_a_moment(stripe: responses.RequestsMock) -> None:
    clock = Clock()
    gateway = a_gateway(clock)
    answers(stripe, "POST", VOID, error(429, "rate_limit"))

    assert limited(lambda: gateway.void("pi_1", "key")) == UNTOLD
    assert len(stripe.calls) == TRIES
    assert 0 < limited(lambda: gateway.retrieve("pi_1")) <= UNTOLD
    assert len(stripe.calls) == TRIES


def test_a_short_rest_is_waited_for_if_the_deadline_allows_it(stripe: responses.RequestsMock) -> None:
    clock = Clock()
    gateway = a_gateway(clock)
    answers(stripe, "GET", LOOK, error(429, "rate_limit", retry_after="4"), ok(), error(429, "rate_limit"))
    began = clock.now

    assert gateway.retrieve("pi_1").id == "pi_1"

    assert 4 <= clock.now - began <= DEADLINE


def test_what_was_sent_once_and_is_then_limited_stays_unknown_until_the_rest_is_over(
    stripe: responses.RequestsMock,
) -> None:
    answers(stripe, "POST", VOID, broken("timeout"), error(429, "rate_limit", retry_after="60"))

    with pytest.raises(OutcomeUnknown) as told:
        a_gateway().void("pi_1", "key")

    assert told.value.after == 60


class Interrupted(Clock):
    """While somebody waits, something else happens once."""

    meanwhile: Callable[[], object] | None = None

    def sleep(self, seconds: float) -> None:
        super().sleep(seconds)
        happens, self.meanwhile = self.meanwhile, None
        if happens:
            happens()


def test_a_write_whose_answer_was_lost_stays_unknown_if_another_call_is_limited_before_its_next_try(
    stripe: responses.RequestsMock,
) -> None:
    clock = Interrupted()
    gateway = a_gateway(clock)
    answers(stripe, "POST", VOID, broken("timeout"))
    answers(stripe, "GET", LOOK, error(429, "rate_limit", retry_after="60"))
    clock.meanwhile = lambda: limited(lambda: gateway.retrieve("pi_1"))

    with pytest.raises(OutcomeUnknown) as told:
        gateway.void("pi_1", "key")

    assert told.value.after == 60


def test_a_read_that_meets_the_limit_of_another_call_is_only_late(stripe: responses.RequestsMock) -> None:
    clock = Interrupted()
    gateway = a_gateway(clock)
    answers(stripe, "GET", LOOK, broken("timeout"), error(429, "rate_limit", retry_after="60"))
    clock.meanwhile = lambda: limited(lambda: gateway.retrieve("pi_1"))

    assert limited(lambda: gateway.retrieve("pi_1")) == 60


def test_a_lock_on_one_payment_says_when_to_try_it_again(stripe: responses.RequestsMock) -> None:
    answers(stripe, "POST", VOID, error(429, "lock_timeout", retry_after="60"))

    with pytest.raises(TryAgain) as told:
        a_gateway().void("pi_1", "key")

    assert (type(told.value), told.value.after) == (TryAgain, 60)


def test_a_lock_on_one_payment_keeps_no_other_call_back(stripe: responses.RequestsMock) -> None:
    gateway = a_gateway()
    answers(stripe, "POST", VOID, error(429, "lock_timeout"))
    answers(stripe, "GET", LOOK, ok())

    with pytest.raises(TryAgain):
        gateway.void("pi_1", "key")

    assert gateway.retrieve("pi_1").id == "pi_1"
