"""Counts results of external calls, and how long those to the primary take: the ramp follows these figures."""

from __future__ import annotations

from threading import Lock

from fallback.domain.observed_port import CallOutcome, Port, observed
from fallback.domain.outage.pace import NOTHING, Heard

FAILED = frozenset({CallOutcome.AWAY, CallOutcome.UNKNOWN})


class ShopHealth:
    """Thread-safe: one for all calls of a process."""

    def __init__(self) -> None:
        self._heard = NOTHING
        self._lock = Lock()

    def add(self, heard: Heard) -> None:
        with self._lock:
            self._heard += heard

    def news(self) -> Heard:
        """What was counted since the last call."""
        with self._lock:
            heard, self._heard = self._heard, NOTHING
        return heard

    def over(self, port: Port) -> Port:
        """Returns the port with its calls timed."""
        return observed(port, self._timed, lambda seconds: self.add(Heard(rest=seconds)))

    def over_failures(self, port: Port) -> Port:
        """The port, counting only failed calls: the duration of a payment does not depend on the primary."""
        return observed(port, self._failing)

    def _timed(self, _: str, outcome: CallOutcome, seconds: float) -> None:
        self.add(Heard(calls=1, errors=outcome in FAILED, seconds=seconds))

    def _failing(self, _: str, outcome: CallOutcome, __: float) -> None:
        if outcome in FAILED:
            self.add(Heard(calls=1, errors=1))
