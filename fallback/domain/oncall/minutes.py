"""The last hour, minute by minute: what on call sees at a glance.

Somebody notes the running sums every few seconds, so that a minute has those of its last seconds and where orders are
taken nothing is counted for it. What happened in a minute is what the sums grew by since the minute before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.lifecycle import Headline
from fallback.domain.outage.failover import WINDOW, Customers, Evidence

SHOWN = 60
# What was given back was settled before, so that the sum goes on growing.
HANDED_OVER = (Headline.SETTLED, Headline.MERGED, Headline.REFUNDED)


class Sums(Struct, frozen=True):
    """All orders ever accepted, and of these all that the shop has got; and how often it failed in the last minute."""

    accepted: int
    handed_over: int
    failures: int


class Minute(Struct, frozen=True):
    """What happened in it."""

    accepted: int
    handed_over: int
    failures: int


class Minutes(Protocol):
    """Each call may raise TryAgain."""

    def note(self, failures: int, now: datetime) -> None:
        """The sums as they are, for the minute that it is now; what was noted in it before is forgotten."""

    def noted(self, now: datetime) -> Mapping[int, Sums]:
        """By the number of the minute since 1970, for the last SHOWN and the one before."""


def number(now: datetime) -> int:
    return int(now.timestamp()) // 60


def failures(customers: Customers, evidence: Evidence | None, now: datetime) -> int:
    """How often the shop failed within a minute: requests of customers, and looks of our own."""
    looks = evidence.looks if evidence else ()
    return customers.requests + sum(look.failed for look in looks if now - look.at < WINDOW)


def last_hour(noted: Mapping[int, Sums], now: datetime) -> list[Minute | None]:
    """Oldest first, and the one that still lasts at the end. None: nobody noted it, or the one before."""
    return list(_grown(noted, number(now)))


def _grown(noted: Mapping[int, Sums], last: int) -> Iterator[Minute | None]:
    for minute in range(last - SHOWN + 1, last + 1):
        before, then = noted.get(minute - 1), noted.get(minute)
        if before is None or then is None:
            yield None
            continue
        # An order that was handed over may be undone later, so the sum may shrink.
        handed_over = max(0, then.handed_over - before.handed_over)
        yield Minute(max(0, then.accepted - before.accepted), handed_over, then.failures)
