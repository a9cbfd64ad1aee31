"""A port whose calls are observed: how each ended, and how long it took."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar, cast

from fallback.domain.errors import OutcomeUnknown, TryAgain

Port = TypeVar("Port")


class CallOutcome(StrEnum):
    """`away`: nothing happened, and it is tried again. `refused`: a negative answer from a side that works."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    AWAY = "away"


# The name of a call, its outcome, and its duration in seconds.
Saw = Callable[[str, CallOutcome, float], None]


def observed(port: Port, saw: Saw) -> Port:
    """The port, reporting each call to `saw`."""
    return cast(Port, _Watched(port, saw))


class _Watched:
    def __init__(self, port: object, saw: Saw) -> None:
        self._port = port
        self._saw = saw

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return _timed(name, found, self._saw) if callable(found) else found


def _timed(name: str, call: Callable[..., Any], saw: Saw) -> Callable[..., Any]:
    @wraps(call)
    def timed(*arguments: Any, **named: Any) -> Any:
        began, outcome = perf_counter(), CallOutcome.REFUSED
        try:
            answer = call(*arguments, **named)
            outcome = CallOutcome.DONE
        except TryAgain:
            outcome = CallOutcome.AWAY
            raise
        except OutcomeUnknown:
            outcome = CallOutcome.UNKNOWN
            raise
        finally:
            saw(name, outcome, perf_counter() - began)
        return answer

    return timed
