"""The metrics of a process: how long its work took, and how calls to the outside ended.

It is kept in memory until ledger/oncall/metrics_store.py writes it down every few seconds: the hot path pays for an
append, and what is shown is the sum over all processes and machines.
"""

from __future__ import annotations

from collections import defaultdict, deque
from collections.abc import Callable, Mapping
from enum import StrEnum
from typing import Any, cast

from fallback.domain.observed_port import CallOutcome, Port, observed

# The most measurements of one series between two writes; more are dropped.
MOST = 100_000


class Service(StrEnum):
    STRIPE = "stripe"
    PRIMARY = "primary"
    MAIL = "mail"


ACCEPT = "accept"
# Every series is a duration in seconds.
SERIES = (ACCEPT, *(f"{service}:{outcome}" for service in Service for outcome in CallOutcome))


class Metrics:
    """Thread-safe: appending to a deque and taking from it are single steps of the interpreter.

    `also`: a further wrapper for each port.
    """

    def __init__(self, also: Callable[[str, Any], Any] | None = None) -> None:
        self._also = also
        self._seen: Mapping[str, deque[float]] = {series: deque(maxlen=MOST) for series in SERIES}
        self._ports: defaultdict[Service, list[Any]] = defaultdict(list)
        # Seconds that one accept took.
        self.accepted: Callable[[float], None] = self._seen[ACCEPT].append

    def over(self, service: Service, port: Port) -> Port:
        """Returns the port with each of its calls measured."""
        self._ports[service].append(port)
        saw = {outcome: self._seen[f"{service}:{outcome}"].append for outcome in CallOutcome}
        seen = observed(port, lambda _, outcome, seconds: saw[outcome](seconds))
        return cast(Port, self._also(service, seen)) if self._also else seen

    def taken(self) -> dict[str, list[float]]:
        """The measurements since the last call."""
        return {series: [seen.popleft() for _ in range(len(seen))] for series, seen in self._seen.items() if seen}

    def kept_back(self) -> list[Service]:
        """The services whose circuit is open in this process."""
        return [service for service, ports in self._ports.items() if not all(map(_is_available, ports))]


def _is_available(port: Any) -> bool:
    """Mail has no breaker: each notice has its own retry times."""
    return bool(getattr(port, "available", True))
