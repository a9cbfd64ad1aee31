"""A port whose calls are observed: how each ended, and how long it took."""

from __future__ import annotations

from collections.abc import Callable
from enum import StrEnum
from functools import wraps
from time import perf_counter
from typing import Any, TypeVar, cast

from fallback.domain.errors import OutcomeUnknown, RateLimited, TryAgain

Port = TypeVar("Port")


class CallOutcome(StrEnum):
    """`away`: nothing happened, and it is tried again. `refused`: a negative answer from a side that works."""

    DONE = "done"
    REFUSED = "refused"
    UNKNOWN = "unknown"
    AWAY = "away"


# The name of a call, its outcome, and its duration in seconds.
Saw = Callable[[str, CallOutcome, float], None]


def observed(port: Port, saw: Saw, limited: Callable[[float], None] = lambda _: None) -> Port:
    """The port, reporting each call to `saw`. `limited` hears for how many seconds its rate limit allows no more."""
    return cast(Port, _Watched(port, saw, limited))


class _Watched:
    def __init__(self, port: object, saw: Saw, limited: Callable[[float], None]) -> None:
        self._port = port
        self._saw = saw
        self._limited = limited

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return _timed(name, found, self._saw, self._limited) if callable(found) else found


def _timed(name: str, call: Callable[..., Any], saw: Saw, limited: Callable[[float], None]) -> Callable[..., Any]:
    @wraps(call)
    def timed(*arguments: Any, **named: Any) -> Any:
        began, outcome = perf_counter(), CallOutcome.REFUSED
        try:
            answer = call(*arguments, **named)
            outcome = CallOutcome.DONE
        except TryAgain as error:
            outcome = CallOutcome.AWAY
            if isinstance(error, RateLimited):
                limited(error.after)
            raise
        except OutcomeUnknown as error:
            outcome = CallOutcome.UNKNOWN
            if error.after is not None:
                limited(error.after)
            raise
        finally:
            saw(name, outcome, perf_counter() - began)
        return answer

    return timed
