"""How every adapter calls its shop: a read is tried a few times before its deadline, a write is sent once."""

from __future__ import annotations

from collections.abc import Callable
from time import monotonic, sleep
from typing import TypeVar

from tenacity import Retrying, retry_if_exception_type, stop_after_attempt, stop_before_delay, wait_random

from fallback.domain.errors import NotAuthorized, OutcomeUnknown, RateLimited, TryAgain
from fallback.runtime.breaker import Breaker
from fallback.runtime.logs import get_logger
from fallback.runtime.rate_limit import RateLimit

T = TypeVar("T")
log = get_logger()

# Seconds from the first packet to the last byte of an answer; well below patience.PATIENCE, by which whoever began an
# attempt must have its answer.
DEADLINE = 10.0
# A saga begins no call when its own time is over: one and a half deadlines, so that with the deadline of its last call
# it is over before PATIENCE too, whatever the number of its calls.
DEADLINES_OF_A_SAGA = 1.5
# A read costs the primary little and us an order's turn: a stumble is worth a second look, an outage is not.
READ_TRIES = 3
# One order that a primary cannot answer for is not an outage; this many calls in a row are.
FAILURES = 5
# A primary that is back should see orders within seconds, and one that is not should see a call each few seconds.
REST = 2.0


class Calls:
    """The calls of one adapter. Threads share one instance.

    `deadline`: seconds for a read with all its tries. After the lost answer of a write nothing is sent again: whoever
    takes the order next looks for what arrived. `budget`: seconds in which a saga may begin its calls. `waits`: the
    longest rate limit, in seconds, whose end a call waits for, where a person waits for the answer and no order does.
    """

    def __init__(
        self,
        deadline: float = DEADLINE,
        failures: int = FAILURES,
        clock: Callable[[], float] = monotonic,
        sleep: Callable[[float], None] = sleep,
        waits: float = 0.0,
    ) -> None:
        self.deadline = deadline
        self.budget = deadline * DEADLINES_OF_A_SAGA + waits
        self.clock, self.sleep = clock, sleep
        self._breaker = Breaker("the primary", failures, REST, _is_down)
        self._accepted = True
        self._limit = RateLimit("the primary", clock)
        self._waits = waits

    @property
    def available(self) -> bool:
        """False while the primary is thought down: then one order finds out, and the others need not try."""
        return self._breaker.closed

    def answered_by(self) -> float:
        """By when what is asked now has to be answered."""
        return self.clock() + self.deadline

    def read(self, ask: Callable[[float], T], until: float | None = None) -> T:
        """`ask` is given the seconds that are left. `until`: when they end, as by `answered_by`.

        A read has no outcome that could be unknown, so it raises TryAgain where a write would raise OutcomeUnknown.
        """
        end = (until or self.answered_by()) + self._waits

        def once() -> T:
            left = end - self.clock()
            if left <= 0:
                raise TryAgain("the primary did not answer within the deadline")
            return ask(left)

        tries = Retrying(
            retry=retry_if_exception_type(OutcomeUnknown),
            stop=stop_after_attempt(READ_TRIES) | stop_before_delay(self.deadline),
            wait=wait_random(0.05, 0.3),
            reraise=True,
        )
        try:
            found: T = tries(self._breaker.call, lambda: self._within_limit(once))
        except OutcomeUnknown as lost:
            raise TryAgain(str(lost)) from lost
        return found

    def write(self, send: Callable[[], T]) -> T:
        return self._breaker.call(lambda: self._within_limit(send))

    def _within_limit(self, call: Callable[[], T]) -> T:
        """What was turned away was not carried out, so it may be sent again, a write too."""
        until = self.clock() + self._waits
        while True:
            try:
                return self._heard(call)
            except RateLimited as limited:
                if self.clock() + limited.after > until:
                    raise
                self.sleep(limited.after)

    def _heard(self, call: Callable[[], T]) -> T:
        """Credentials that are refused are a fault of the settings: orders wait, and the log says so when it begins.

        While the primary's rate limit holds, no call of any thread leaves.
        """
        self._limit.check()
        try:
            answer = call()
        except RateLimited as error:
            self._limit.reached(error.after)
            log.warning("primary_limits_our_calls", reason=str(error), seconds=error.after)
            raise
        except NotAuthorized as error:
            if self._accepted:
                log.error("primary_does_not_accept_our_credentials", reason=str(error))
            self._accepted = False
            raise
        self._accepted = True
        return answer


class Saga:
    """One change of an order that takes several calls, with a budget of time for all of them.

    Once a write has left, the change has begun: an error that says 'nothing happened' would be about the last call
    only, so it becomes OutcomeUnknown, and the next attempt goes on from what the shop has. A saga keeps no state of
    its own. Each write still leaves within the time that its attempt allows (domain/call_deadline.py).

    What the rate limit turned away was not carried out: once the change has begun, it is sent again if there is time.
    """

    def __init__(self, calls: Calls) -> None:
        self._calls = calls
        self._until = calls.clock() + calls.budget
        self._made = 0
        self._begun = False

    def read(self, ask: Callable[[float], T], until: float | None = None) -> T:
        return self._unless_begun(lambda: self._calls.read(ask, until))

    def write(self, send: Callable[[], T]) -> T:
        answer = self._unless_begun(lambda: self._calls.write(send))
        self._begun = True
        return answer

    def _unless_begun(self, call: Callable[[], T]) -> T:
        while True:
            try:
                if self._calls.clock() >= self._until:
                    raise TryAgain(f"{self._made} calls have taken the {self._calls.budget:g} s of this attempt")
                self._made += 1
                return call()
            except TryAgain as error:
                if not self._begun:
                    raise
                limited = error.after if isinstance(error, RateLimited) else None
                if limited is None or self._calls.clock() + limited >= self._until:
                    raise OutcomeUnknown(f"the change stopped half-way: {error}", after=limited) from error
                self._calls.sleep(limited)


def _is_down(error: Exception) -> bool:
    """A refusal comes from a primary that works, and so does a rate limit."""
    return isinstance(error, TryAgain | OutcomeUnknown) and not isinstance(error, RateLimited)
