"""A circuit breaker: stops calls to a service that is down, and lets one at a time test whether it is back."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Lock
from typing import TypeVar

from pybreaker import STATE_CLOSED, CircuitBreaker, CircuitBreakerError, CircuitMemoryStorage

from fallback.domain.errors import TooLate, TryAgain

T = TypeVar("T")


class KeptAway(TryAgain):
    """The call was not made: the circuit is open after several failures, or another call is testing the service."""


class Breaker:
    """It opens after `failures` in a row; then, every `rest` seconds, one call tests whether the service is back.

    `service`: its name in errors. `is_down`: whether an error means that the service is down; a refusal comes from
    one that works. pybreaker keeps the count and the state, but holds its lock as long as a call lasts, so that threads
    would call one after the other. So calls run outside of it, and only their outcome is reported to it.
    """

    def __init__(self, service: str, failures: int, rest: float, is_down: Callable[[Exception], bool]) -> None:
        self._storage = CircuitMemoryStorage(STATE_CLOSED)
        self._circuit = CircuitBreaker(failures, rest, state_storage=self._storage, throw_new_error_on_trip=False)
        self._service = service
        self._rest = timedelta(seconds=rest)
        self._is_down = is_down
        self._probe = Lock()

    @property
    def closed(self) -> bool:
        return bool(self._circuit.current_state == STATE_CLOSED)

    @property
    def rested(self) -> bool:
        """Whether a call is allowed now: the circuit is closed, or the next call is the test."""
        return self.closed or self._resting() <= 0

    def call(self, function: Callable[[], T]) -> T:
        """Returns the function's result. Raises KeptAway, and what the function raises.

        TooLate does not count: the call was held back on our side.
        """
        if self.closed:
            return self._observed(function)
        resting = self._resting()
        if resting > 0:
            raise KeptAway(f"{self._service} failed several calls in a row", resting)
        if not self._probe.acquire(blocking=False):
            raise KeptAway(f"another call is testing whether {self._service} is back")
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
        except Exception as error:
            self._note(up=not self._is_down(error))
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
