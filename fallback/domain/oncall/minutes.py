"""The last hour, minute by minute, for on-call engineers.

The clock process records running sums every few seconds, so a minute keeps its last sums and taking orders costs no
extra counting. What happened in a minute is the difference to the sums of the minute before.
"""

from __future__ import annotations

from collections.abc import Iterator, Mapping
from datetime import datetime
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.lifecycle import Headline
from fallback.domain.outage.failover import WINDOW, Customers, Evidence

SHOWN = 60
# A refunded order was settled before, so it is included to keep the sum growing.
HANDED_OVER = (Headline.SETTLED, Headline.MERGED, Headline.REFUNDED)


class Sums(Struct, frozen=True):
    """All orders ever accepted, those of them that the shop has got, and its failures in the last minute."""

    accepted: int
    handed_over: int
    failures: int


class Minute(Struct, frozen=True):
    """What happened in one minute."""

    accepted: int
    handed_over: int
    failures: int


class Minutes(Protocol):
    """Each call may raise TryAgain."""

    def note(self, failures: int, now: datetime) -> None:
        """Record the present sums for the current minute, replacing those recorded in it before."""

    def noted(self, now: datetime) -> Mapping[int, Sums]:
        """By the number of the minute since 1970, for the last SHOWN minutes and the one before."""


def number(now: datetime) -> int:
    return int(now.timestamp()) // 60


def failures(customers: Customers, evidence: Evidence | None, now: datetime) -> int:
    """The shop's failures within a minute: requests of customers, and our own probes."""
    looks = evidence.looks if evidence else ()
    return customers.requests + sum(look.failed for look in looks if now - look.at < WINDOW)


def last_hour(noted: Mapping[int, Sums], now: datetime) -> list[Minute | None]:
    """Oldest first, ending with the current minute. None: it was not recorded, or the one before was not."""
    return list(_grown(noted, number(now)))


def _grown(noted: Mapping[int, Sums], last: int) -> Iterator[Minute | None]:
    for minute in range(last - SHOWN + 1, last + 1):
        before, then = noted.get(minute - 1), noted.get(minute)
        if before is None or then is None:
            yield None
            continue
        # An order that was handed over may be cancelled later, so the sum may shrink.
        handed_over = max(0, then.handed_over - before.handed_over)
        yield Minute(max(0, then.accepted - before.accepted), handed_over, then.failures)
