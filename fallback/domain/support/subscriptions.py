"""'Tell me when the shop is back': one mail, to an address whose owner confirmed that they want it.

A subscription is erased once the mail is sent, when its owner says so, and after a while in any case.
"""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct, structs

from fallback.domain.order.patience import PATIENCE

# Nobody can flood another person's mailbox: a second request within this time sends nothing.
PAUSE = timedelta(hours=1)
CONFIRMED_WITHIN, KEPT = timedelta(days=1), timedelta(days=7)
MOST = 10_000
# From one network in a day: enough for an office, too few to fill the list for everybody else.
MOST_FROM_ONE = 20
# Longer than a mail server may take for one mail; then the work of a dead worker becomes due again.
LEASE = PATIENCE + timedelta(seconds=10)


class Subscription(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """`confirmed`: the mail at `due_at` says that the shop is back; before, it asks whether the address wants that.

    `handing_over`: the mail server was ready for the text. If that stays, a crash left it unknown whether it was sent.
    """

    email: str
    locale: str
    asked_at: datetime
    confirmed: bool = False
    due_at: datetime | None = None
    tries: int = 0
    handing_over: bool = False


Changed = Callable[[Subscription | None], Subscription | None]


class Subscriptions(Protocol):
    """By an id that only the owner of the address learns. Each call may raise TryAgain."""

    def name(self, email: str) -> str:
        """The same for the same address."""

    def find(self, name: str) -> Subscription | None: ...

    def change(self, name: str, change: Changed) -> Subscription | None:
        """Atomic. None: there is none; `change` returns None to erase it."""

    def each(self) -> list[tuple[str, Subscription]]: ...

    def count(self) -> int: ...

    def count_due(self, now: datetime) -> int: ...

    def count_from(self, sender: str) -> int:
        """How often this sender has asked since a day ago at most, this time included."""

    def take(self, now: datetime, most: int) -> list[str]:
        """The ids of those that are due; each is leased for LEASE."""


def asked(before: Subscription | None, email: str, locale: str, now: datetime) -> Subscription:
    """The address is asked whether it wants the mail, unless it was just asked, or has said so."""
    if before and (before.confirmed or before.asked_at > now - PAUSE):
        return before
    return Subscription(email=email, locale=locale, asked_at=now, due_at=now)


def confirmed(before: Subscription | None) -> Subscription | None:
    return before and structs.replace(before, confirmed=True, due_at=None, tries=0, handing_over=False)


def is_over(subscription: Subscription, now: datetime) -> bool:
    return subscription.asked_at < now - (KEPT if subscription.confirmed else CONFIRMED_WITHIN)


def told_now(before: Subscription | None, now: datetime) -> Subscription | None:
    """The mail that the shop is back becomes due."""
    if before is None or not before.confirmed or before.due_at:
        return before
    return structs.replace(before, due_at=now)


def sent(before: Subscription | None) -> Subscription | None:
    """After its mail was sent, or may have been: it is never sent again. The one that tells is the last."""
    if before is None or before.confirmed:
        return None
    return structs.replace(before, due_at=None, tries=0, handing_over=False)
