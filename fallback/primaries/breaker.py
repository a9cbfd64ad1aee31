"""Keeps calls away from a primary that is down, and lets one at a time find out whether it is back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from fallback.domain.errors import OutcomeUnknown, TooLate, TryAgain

T = TypeVar("T")

# One order that a primary cannot answer for is not an outage; this many calls in a row are.
FAILURES = 5
# A primary that is back should see orders within seconds, and one that is not should see a call each few seconds.
REST = 3.0


class Breaker:
    """pybreaker keeps the count and the state, but holds its lock as long as a call lasts, so that the threads of a
    shift would call one after the other. Calls therefore run outside of it, and it is told how they ended.
    """

    def __init__(self, failures: int = FAILURES, rest: float = REST) -> None:
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._circuit = CircuitBreaker(failures, rest, state_storage=self._storage, throw_new_error_on_trip=False)
        self._rest = timedelta(seconds=rest)
        self._probe = Lock()

    @property
    def closed(self) -> bool:
        return bool(self._circuit.current_state == STATE_CLOSED)

    def call(self, function: Callable[[], T]) -> T:
        """The function's answer; TryAgain at once while the primary rests or another call is looking after it.

        TryAgain and OutcomeUnknown count as failures; a refusal comes from a primary that works. TooLate says nothing
        about it.
        """
        if self.closed:
            return self._observed(function)
        resting = self._resting()
        if resting > 0:
            raise TryAgain("the primary did not answer several calls in a row", resting)
        if not self._probe.acquire(blocking=False):
            raise TryAgain("another call is finding out whether the primary is back")
        try:
            return self._observed(function)
        finally:
            self._probe.release()

    def _resting(self) -> float:
        opened_at = self._storage.opened_at
        return (opened_at + self._rest - datetime.now(UTC)).total_seconds() if opened_at else 0.0

    def _observed(self, function: Callable[[], T]) -> T:
        try:
            answer = function()
        except TooLate:
            raise
        except (TryAgain, OutcomeUnknown):
            self._note(up=False)
            raise
        except Exception:
            self._note(up=True)
            raise
        self._note(up=True)
        return answer

    def _note(self, up: bool) -> None:
        with suppress(_Down, CircuitBreakerError):
            self._circuit.call(_report, up)


class _Down(Exception):
    pass


def _report(up: bool) -> None:
    if not up:
        raise _Down
