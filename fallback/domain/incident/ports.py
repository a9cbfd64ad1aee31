"""Ports of incidents: their records, the count of their orders, and the halt of the drain."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Sequence
from datetime import datetime
from typing import TYPE_CHECKING, Protocol

from fallback.domain.incident.audit import Audit, Halt
from fallback.domain.incident.incident import Incident, Span
from fallback.domain.order.lifecycle import Headline
from fallback.domain.order.order import Event, Order

if TYPE_CHECKING:  # it counts with what acts through ports
    from fallback.domain.incident.balance import Balance
    from fallback.domain.incident.running_totals import RunningTotals


class Incidents(Protocol):
    """The records of incidents. Each call may raise TryAgain; those with an id raise UnknownIncident."""

    def open(self, incident: Incident) -> Incident:
        """Returns the stored incident: opening one that exists changes nothing."""

    def change(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        """Write `change(incident)`, deciding again if another write came first."""

    def load(self, incident_id: str) -> Incident: ...

    def last(self) -> Incident | None: ...

    def newest(self, limit: int) -> list[Incident]:
        """Newest first."""

    def of(self, ref: str) -> str:
        """The id of the incident to which an order belongs, or NO_INCIDENT."""

    def accepted_before(self, moment: datetime) -> int:
        """How many orders had been accepted by then."""

    def shop_failed(self, now: datetime) -> None:
        """The shop failed a customer, and we took their order."""

    def shop_failing_since(self) -> datetime | None:
        """When that began; None once it has failed nobody for a while (incident.QUIET)."""


class Books(Protocol):
    """All orders of an incident, by a full scan, and the stored results of counts. Each call may raise TryAgain.

    The orders come without personal data.
    """

    def accepted(self, span: Span) -> int:
        """How many orders there are by their sequence."""

    def scan(self, span: Span) -> Iterable[tuple[Order, list[Event]]]:
        """Each order with its timeline, a page at a time."""

    def orders(self, refs: Sequence[str]) -> list[Order]:
        """Those that exist and are not damaged."""

    def since(self, moment: datetime) -> Span: ...

    def by_headline(self, span: Span) -> dict[Headline, int]:
        """The counts of the indexes; headlines without any order are omitted."""

    def listed(self, span: Span, each: Headline) -> set[str]:
        """The refs in an index."""

    def misplaced(self, refs: Sequence[str]) -> list[str]:
        """Refs that are not in exactly the one index in which they belong."""

    def keep(self, balance: Balance) -> None: ...

    def balance(self, incident_id: str) -> Balance | None:
        """The last balance sheet."""

    def ask(self, incident_id: str) -> None:
        """A recount is requested; the clock process makes it."""

    def asked(self) -> list[str]: ...

    def answered(self, incident_id: str) -> None: ...

    def keep_audit(self, audit: Audit) -> None: ...

    def last_audit(self) -> Audit | None: ...

    def keep_running_totals(self, totals: RunningTotals) -> None: ...

    def last_running_totals(self) -> RunningTotals | None: ...


class Halts(Protocol):
    """Whether anything may be handed over to the shop. Each call may raise TryAgain."""

    def read(self) -> Halt | None: ...

    def halt(self, halt: Halt) -> bool:
        """False if there was a halt before, which stays."""

    def lift(self, seen: str | None = None) -> bool:
        """False if there was none. `seen`: the tag of the only halt to lift; raises Conflict for another one."""
