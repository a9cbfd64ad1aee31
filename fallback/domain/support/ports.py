"""Ports of support: claims on orders, who is on duty, their lists, and how many mails they get."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from fallback.domain.order.unread import Found
from fallback.domain.support.accounts import Person
from fallback.domain.support.claims import PRESENT_FOR, Claim, Here
from fallback.domain.support.mail_limit import Turn
from fallback.domain.support.owners import Roster


class Claims(Protocol):
    """Who works on an order, and who has it open. All entries expire. Each call may raise TryAgain."""

    def current(self, ref: str) -> Claim | None:
        """The last claim, even if it has expired."""

    def change(self, ref: str, decide: Callable[[Claim | None], Claim | None]) -> Claim | None:
        """Write `decide(claim)`, deciding again if another write came first; None changes nothing."""

    def look(self, ref: str, who: str, now: datetime, stays: timedelta = PRESENT_FOR, *, types: bool = False) -> Here:
        """`who` has the order open, and counts as present for `stays`; `types`: a message is being typed there."""


class DutyRoster(Protocol):
    """Who is on duty, and whose turn it is to be assigned an order. Each call may raise TryAgain."""

    def begin(self, person: Person, now: datetime) -> None: ...

    def end(self, person: Person) -> None: ...

    def roster(self) -> Roster: ...

    def given(self, name: str, now: datetime) -> None:
        """The person was assigned an order and is now last in turn; nothing changes if they are not on duty."""


class MailLimits(Protocol):
    """How many mails each person got lately (domain/support/mail_limit.py)."""

    def turn(self, name: str, notice: str, waited: bool, now: datetime) -> tuple[Turn, datetime]:
        """Counts the mail, and decides about it; until when it waits, if it does. Raises TryAgain, Conflict."""


class Worklists(Protocol):
    def of(self, name: str) -> Found:
        """The orders that this person or team owns, by the time of the next update. Raises TryAgain."""
