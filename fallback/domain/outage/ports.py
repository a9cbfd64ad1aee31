"""Ports of an outage: the mode, and what is seen of the primary."""

from __future__ import annotations

from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fallback.domain.outage.failover import Customers, Observation, Probe
from fallback.domain.outage.mode import ModeState

if TYPE_CHECKING:  # it counts with what acts through ports
    pass


class Modes(Protocol):
    """Each call may raise TryAgain."""

    def read(self) -> ModeState: ...

    def switch(self, state: ModeState, instead_of: ModeState | None = None) -> None:
        """The last word wins, unless it is said `instead_of` one that no longer stands: then raises Conflict."""

    def log(self) -> list[ModeState]:
        """Newest first, without the state before the first switch."""


class Prober(Protocol):
    def look(self) -> Probe:
        """One look at the primary, over within its patience whatever the primary does. Raises nothing."""


class Observations(Protocol):
    """What was seen of the primary. Each call may raise TryAgain."""

    def count(self, reason: str, head: str, now: datetime) -> None:
        """A request that the primary failed, as the proxy says it: 'failed' or 'maybe_taken'. `head`: whose it was."""

    def customers(self, now: datetime) -> Customers:
        """Those of the last minute."""

    def note_provider(self, answers: bool) -> None: ...

    def provider(self) -> bool | None:
        """None when nobody has asked the payment provider for anything lately."""

    def read(self) -> Observation | None:
        """The last one; how old it is stands in it."""

    def write(self, observation: Observation) -> None: ...
