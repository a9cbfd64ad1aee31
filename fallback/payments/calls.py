"""Calls to Stripe: retries with the same key, a deadline, a circuit breaker, a rate limit, one error per outcome."""

from __future__ import annotations

import time
from collections.abc import Callable
from random import Random
from typing import TypeVar

import msgspec
import stripe
from tenacity import RetryCallState, Retrying, retry_if_exception

from fallback.domain.errors import UNTOLD, OutcomeUnknown, RateLimited, TryAgain
from fallback.payments.failures import NOT_OURS_TO_SAY, Meaning, failure_of, verdict
from fallback.runtime.breaker import Breaker
from fallback.runtime.logs import get_logger
from fallback.runtime.rate_limit import RateLimit

T = TypeVar("T")
log = get_logger()

TRIES = 3
# Full jitter between tries: up to 0.5, then 1 second. If they all fail, the order comes due again later.
FIRST_WAIT = 0.5
# After five failures in a row Stripe is considered down. Then one call every few seconds tests whether it is back.
FAILURES_TO_OPEN = 5
OPEN_SECONDS = 5.0


class Calls:
    """Threads share one instance. `timeout` limits one try, `deadline` all tries of a call, both in seconds."""

    def __init__(
        self,
        timeout: float,
        deadline: float,
        random: Random,
        sleep: Callable[[float], None] = time.sleep,
        monotonic: Callable[[], float] = time.monotonic,
    ) -> None:
        self._timeout = timeout
        self._deadline = deadline
        self._random = random
        self._sleep = sleep
        self._monotonic = monotonic
        self._breaker = Breaker("Stripe", FAILURES_TO_OPEN, OPEN_SECONDS, _is_down)
        self._limit = RateLimit("Stripe", monotonic)

    @property
    def available(self) -> bool:
        return self._breaker.rested

    def until(self) -> float:
        """The deadline of an operation that begins now. An operation of several calls passes it to each of them."""
        return self._monotonic() + self._deadline

    def read(self, call: Callable[[], T], until: float) -> T:
        """Raises TryAgain or Rejection."""
        return self._make(call, until, write=False)

    def write(self, call: Callable[[], T], until: float) -> T:
        """`call` sends the same idempotency key each time. Raises TryAgain, OutcomeUnknown or Rejection."""
        return self._make(call, until, write=True)

    def _make(self, call: Callable[[], T], until: float, *, write: bool) -> T:
        if self._too_late(until):
            raise TryAgain("no time is left for another call")
        lost = False

        def once() -> T:
            nonlocal lost
            self._limit.check()
            try:
                return self._breaker.call(lambda: _understood(call))
            except stripe.StripeError as error:
                failure = failure_of(error)
                lost = lost or failure.meaning is Meaning.UNKNOWN
                if failure.limited and failure.after:
                    self._limit.reached(failure.after)
                raise

        try:
            return self._retrying(until)(once)
        except TryAgain as unsent:  # this try; one before it may have arrived
            if not (write and lost):
                raise
            after = unsent.after if isinstance(unsent, RateLimited) else None
            raise OutcomeUnknown(f"an earlier try may have arrived: {unsent}", after=after) from unsent
        except stripe.StripeError as error:
            self._note(error)
            raise verdict(error, write=write, lost_before=lost) from error

    def _note(self, error: stripe.StripeError) -> None:
        failure = failure_of(error)
        if error.http_status in NOT_OURS_TO_SAY:
            log.error("stripe_refuses_our_key", status=error.http_status)
        if failure.limited:
            seconds = failure.after or UNTOLD
            self._limit.reached(seconds)
            log.warning("stripe_limits_our_calls", seconds=seconds)

    def _retrying(self, until: float) -> Retrying:
        return Retrying(
            retry=retry_if_exception(lambda error: isinstance(error, stripe.StripeError) and failure_of(error).again),
            wait=self._wait,
            stop=lambda state: state.attempt_number >= TRIES or self._too_late(until - state.upcoming_sleep),
            sleep=self._sleep,
            reraise=True,
        )

    def _too_late(self, until: float) -> bool:
        """True if another try could exceed the deadline."""
        return self._monotonic() + self._timeout > until

    def _wait(self, state: RetryCallState) -> float:
        error = state.outcome and state.outcome.exception()
        asked = failure_of(error).after if isinstance(error, stripe.StripeError) else None
        return max(self._random.uniform(0, FIRST_WAIT * 2 ** (state.attempt_number - 1)), asked or 0.0)


def _understood(call: Callable[[], T]) -> T:
    try:
        return call()
    except msgspec.ValidationError as error:
        raise stripe.APIError(f"the response is not a PaymentIntent: {error}") from error


def _is_down(error: Exception) -> bool:
    """A declined card, a rejected request or a rate limit shows that Stripe works."""
    return isinstance(error, stripe.StripeError) and failure_of(error).down
