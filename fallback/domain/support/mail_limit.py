"""One person gets a few mails about orders that became theirs; what comes on top of that comes as one summary.

When a shop loses many orders at once, their owners get one list, and not a mail for each (ops/decisions/owner-mail.md).
"""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum

from msgspec import Struct, structs

MOST, WITHIN = 5, timedelta(minutes=15)


class Turn(StrEnum):
    """`alone`: send it. `later`: wait for the summary. `summary`: it is the summary. `covered`: a summary has it."""

    ALONE = "alone"
    LATER = "later"
    SUMMARY = "summary"
    COVERED = "covered"


class Mailed(Struct, frozen=True, omit_defaults=True):
    """The mails to one person in a period that began then. `summary`: the notice that is sent as one for all."""

    begun: datetime
    mails: int = 0
    summary: str = ""

    @property
    def ends(self) -> datetime:
        return self.begun + WITHIN


def turn(before: Mailed | None, notice: str, waited: bool, now: datetime) -> tuple[Mailed, Turn]:
    """`notice`: its id, unique among all orders. `waited`: it was told to wait for a summary before."""
    mailed = before if before and now < before.ends else Mailed(now)
    if waited and mailed.summary in ("", notice):
        return structs.replace(mailed, mails=mailed.mails + 1, summary=notice), Turn.SUMMARY
    if waited:
        return mailed, Turn.COVERED
    if mailed.mails >= MOST:
        return mailed, Turn.LATER
    return structs.replace(mailed, mails=mailed.mails + 1), Turn.ALONE
