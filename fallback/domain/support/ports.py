"""Ports of support: claims on orders, and who is on duty."""

from __future__ import annotations

from collections.abc import Callable
from datetime import datetime, timedelta
from typing import Protocol

from fallback.domain.support.accounts import Person
from fallback.domain.support.claims import PRESENT_FOR, Claim
from fallback.domain.support.owners import Roster


class Claims(Protocol):
    """Who works on an order, and who has it open. All of it is forgotten by itself. Each call may raise TryAgain."""

    def current(self, ref: str) -> Claim | None:
        """The last one, also when its time is over."""

    def change(self, ref: str, decide: Callable[[Claim | None], Claim | None]) -> Claim | None:
        """Write `decide(claim)`, decided anew if somebody else was first; None changes nothing."""

    def look(self, ref: str, who: str, now: datetime, stays: timedelta = PRESENT_FOR) -> list[str]:
        """`who` has the order open, and counts as here for so long. Answers all who are here, by name."""


class DutyRoster(Protocol):
    """Who is on duty, and whose turn it is to be given an order. Each call may raise TryAgain."""

    def begin(self, person: Person, now: datetime) -> None: ...

    def end(self, person: Person) -> None: ...

    def roster(self) -> Roster: ...

    def given(self, name: str, now: datetime) -> None:
        """She was given an order and comes last in turn; nothing changes if she is not on duty."""
