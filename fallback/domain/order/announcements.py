"""Announcements: what becomes of an order, for the shop's other software. Queued in the commit that they report.

They hold states and sums and nothing personal, so they may wait and travel in clear. Each is delivered at least once to
every receiver, in any order: `version` says which of two is newer.
"""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import datetime, timedelta
from enum import StrEnum
from typing import NamedTuple, Protocol

from msgspec import Struct

from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import Headline, headline
from fallback.domain.order.order import Order, PaymentState, PlacementState

# After this long a receiver reads what it missed from GET /v1/orders.
GIVEN_UP_AFTER = timedelta(days=3)


class What(StrEnum):
    """`captured`: we took the order; its payment has states of its own."""

    CAPTURED = "order.captured"
    HELD = "order.held"
    SETTLED = "order.settled"
    MERGED = "order.merged"
    CANCELLED = "order.cancelled"
    REFUNDED = "order.refunded"


_BY_HEADLINE = {
    Headline.ON_HOLD: What.HELD,
    Headline.SETTLED: What.SETTLED,
    Headline.MERGED: What.MERGED,
    Headline.CANCELLED: What.CANCELLED,
    Headline.REFUNDED: What.REFUNDED,
}


class Sums(Struct, frozen=True):
    """In minor units of the order's currency."""

    total: int
    authorized: int
    captured: int
    refunded: int


class Announcement(Struct, frozen=True):
    """`id` is the same for each attempt, so that a receiver can drop a repetition. `version`: of the order."""

    id: str
    what: What
    at: datetime
    ref: str
    version: int
    status: Headline
    payment: PaymentState
    placement: PlacementState
    holds: tuple[HoldCode, ...]
    currency: str
    sums: Sums


class DueAnnouncement(NamedTuple):
    announcement: Announcement
    tries: int


class Away(Struct, frozen=True):
    """A receiver that takes nothing: where it is, since when, why, and when it is tried again."""

    host: str
    since: datetime
    why: str
    tries: int
    until: datetime


class Receiver(Protocol):
    """`name` identifies it without the secrets that its URL may contain; `host` is its part that people may read."""

    name: str
    host: str

    def tell(self, announcement: Announcement) -> None:
        """Raises TryAgain or Refused."""

    def reach(self) -> None:
        """Whether it can be reached at all. Raises TryAgain or Refused."""


class Announcements(Protocol):
    """What waits for each receiver, by its name. Each call may raise TryAgain."""

    def due(self, to: str, now: datetime, most: int) -> list[DueAnnouncement]:
        """Oldest first."""

    def count(self, to: str) -> int: ...

    def sent(self, to: str, due: DueAnnouncement) -> None: ...

    def put_off(self, to: str, due: DueAnnouncement, until: datetime) -> DueAnnouncement:
        """Count one more attempt; it is due again at `until`."""

    def away(self) -> Mapping[str, Away]:
        """The receivers that take nothing, by name."""

    def note_away(self, to: str, away: Away | None) -> None: ...

    def keep_only(self, names: Sequence[str]) -> None:
        """Forget that other receivers are away: they are in the settings no longer."""


def announced(old: Order | None, new: Order, at: datetime) -> Announcement | None:
    """What the commit that makes `new` of `old` announces, if anything. `old`: None for a new order.

    A drill is nobody's order. A further reason to hold an order is announced as the first was.
    """
    if new.drill:
        return None
    if old is None:
        return _announcement(What.CAPTURED, new, 1, at)
    is_ = headline(new)
    more_holds = is_ is Headline.ON_HOLD and bool(_codes(new) - _codes(old))
    what = _BY_HEADLINE.get(is_)
    if what is None or not (is_ is not headline(old) or more_holds):
        return None
    return _announcement(what, new, old.version + 1, at)


def _codes(order: Order) -> set[HoldCode]:
    return {hold.code for hold in order.holds}


def _announcement(what: What, order: Order, version: int, at: datetime) -> Announcement:
    payment = order.payment
    return Announcement(
        id=f"{order.ref}.{version}.{what.removeprefix('order.')}",
        what=what,
        at=at,
        ref=order.ref,
        version=version,
        status=headline(order),
        payment=payment.state,
        placement=order.placement.state,
        holds=tuple(sorted(_codes(order))),
        currency=order.currency,
        sums=Sums(payment.amount, payment.authorized, payment.captured, payment.refunded),
    )
