"""Counts how the calls to the other sides end, and how long those to the primary take: the ramp goes by it."""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from threading import Lock
from time import monotonic
from typing import Any, TypeVar, cast

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.pace import NOTHING, Heard

Port = TypeVar("Port")


class Watch:
    """Thread safe: one for all calls of a process."""

    def __init__(self) -> None:
        self._heard = NOTHING
        self._lock = Lock()

    def add(self, heard: Heard) -> None:
        with self._lock:
            self._heard += heard

    def news(self) -> Heard:
        """What came since the last time."""
        with self._lock:
            heard, self._heard = self._heard, NOTHING
        return heard

    def over(self, port: Port) -> Port:
        """The port, with its calls timed."""
        return cast(Port, _Watched(port, self._timed))

    def over_failures(self, port: Port) -> Port:
        """The port, of which only failed calls count: a payment takes its time whatever the primary does."""
        return cast(Port, _Watched(port, self._failing))

    def _timed(self, seconds: float, failed: bool) -> None:
        self.add(Heard(calls=1, errors=failed, seconds=seconds))

    def _failing(self, _: float, failed: bool) -> None:
        if failed:
            self.add(Heard(calls=1, errors=1))


class _Watched:
    def __init__(self, port: object, tell: Callable[[float, bool], None]) -> None:
        self._port = port
        self._tell = tell

    def __getattr__(self, name: str) -> Any:
        found = getattr(self._port, name)
        return self._watched(found) if callable(found) else found

    def _watched(self, call: Callable[..., Any]) -> Callable[..., Any]:
        """A refusal comes from a side that works."""

        @wraps(call)
        def watched(*arguments: Any, **named: Any) -> Any:
            began, failed = monotonic(), False
            try:
                return call(*arguments, **named)
            except (TryAgain, OutcomeUnknown):
                failed = True
                raise
            finally:
                self._tell(monotonic() - began, failed)

        return watched
