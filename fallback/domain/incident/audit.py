"""The audit: what we have read back in the shop is there still, and what is over here does not stand there.

After a backup is restored it may be otherwise, or after an order arrived late.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

# How far an audit looks back by itself, and how often it is made: whoever restores a backup does it within days.
LOOKS_BACK = timedelta(days=7)
EVERY = timedelta(hours=1)


class Halt(Struct, frozen=True):
    """Why nothing is handed over, until a person lifts it."""

    since: datetime
    who: str
    reason: str


class Audit(Struct, frozen=True, omit_defaults=True):
    """`checked`: how many orders should be in the shop. `lost`: the refs of those that are not, `new`: how many of
    these nobody knew of. `standing`: the refs of those that are over here and stand there. `money`: the refs of those
    whose money did not agree with what they cost. `why_not`: the shop could not be asked.
    """

    at: datetime
    since: datetime
    checked: int = 0
    lost: tuple[str, ...] = ()
    new: int = 0
    why_not: str = ""
    standing: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
