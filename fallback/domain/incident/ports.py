"""Ports of incidents: what is kept of them, the count of their orders, and the halt of the hand-over."""

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
    """What is kept of each incident. Each call may raise TryAgain; those with an id raise UnknownIncident."""

    def open(self, incident: Incident) -> Incident:
        """The incident as it stands: who opens one that is there already changes nothing."""

    def change(self, incident_id: str, change: Callable[[Incident], Incident]) -> Incident:
        """Write `change(incident)`, decided anew if somebody else was first."""

    def load(self, incident_id: str) -> Incident: ...

    def last(self) -> Incident | None: ...

    def newest(self, limit: int = 50) -> list[Incident]:
        """Newest first."""

    def of(self, ref: str) -> str:
        """The id of the incident to which an order belongs, or NO_INCIDENT."""

    def accepted_before(self, moment: datetime) -> int:
        """How many orders had been accepted by then."""

    def shop_failed(self, now: datetime) -> None:
        """It failed a customer, and we took her in."""

    def shop_failing_since(self) -> datetime | None:
        """When that began; None once it has failed nobody for a while (incident.QUIET)."""


class Books(Protocol):
    """All orders of an incident, by a full scan, and what is kept of such counts. Each call may raise TryAgain.

    The orders come without personal data.
    """

    def accepted(self, span: Span) -> int:
        """How many orders there are by their sequence."""

    def scan(self, span: Span) -> Iterable[tuple[Order, list[Event]]]:
        """Each order with its timeline, a page at a time."""

    def orders(self, refs: Sequence[str]) -> list[Order]:
        """Those that are there."""

    def since(self, moment: datetime) -> Span: ...

    def by_headline(self, span: Span) -> dict[Headline, int]:
        """What the indexes count; headlines without any order are left out."""

    def listed(self, span: Span, each: Headline) -> set[str]:
        """The refs that an index has."""

    def misplaced(self, refs: Sequence[str]) -> list[str]:
        """Those that do not stand in the one index in which they belong."""

    def keep(self, balance: Balance) -> None: ...

    def balance(self, incident_id: str) -> Balance | None:
        """The last one."""

    def ask(self, incident_id: str) -> None:
        """Somebody wants it counted anew; the clock sees to it."""

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
        """False if one stood before, which goes on."""

    def lift(self) -> bool:
        """False if there was none."""
