"""Ports of an outage: the mode, and observations of the primary."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fallback.domain.outage.failover import Customers, Observation, Probe
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.public_status import PublicStatus

if TYPE_CHECKING:  # it counts with what acts through ports
    pass


class Modes(Protocol):
    """Each call may raise TryAgain."""

    def read(self) -> ModeState: ...

    def switch(self, state: ModeState, instead_of: ModeState | None = None) -> None:
        """The last switch wins; with `instead_of`, raises Conflict unless that is still the present state."""

    def log(self) -> list[ModeState]:
        """Newest first, without the state before the first switch."""


class Prober(Protocol):
    def look(self) -> Probe:
        """One probe of the primary, which ends within its timeout whatever the primary does. Raises nothing."""


class Observations(Protocol):
    """Observations of the primary. Each call may raise TryAgain."""

    def count(self, reason: str, head: str, now: datetime) -> None:
        """Count a request that the primary failed, as the proxy reports it: 'failed' or 'maybe_taken'.

        `head`: the customer.
        """

    def customers(self, now: datetime) -> Customers:
        """The customers failed in the last minute."""

    def note_provider(self, answers: bool) -> None: ...

    def provider(self) -> bool | None:
        """None if there was no recent call to the payment provider."""

    def read(self) -> Observation | None:
        """The last one; it contains its time."""

    def write(self, observation: Observation) -> None: ...


class PublicStatuses(Protocol):
    """What on call wrote for customers. Each call may raise TryAgain."""

    def read(self) -> PublicStatus: ...

    def change(self, change: Callable[[PublicStatus], PublicStatus]) -> PublicStatus:
        """`change` may be called again, if another write came first; what it raises is raised."""
