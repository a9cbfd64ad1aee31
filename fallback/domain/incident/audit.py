"""The audit: what we have read back in the shop is still there, and what is over here is not there.

After a backup was restored, or an order arrived late, that may no longer hold.
"""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import Struct

# How far an audit looks back by default, and how often it is made: a backup is restored within days.
LOOKS_BACK = timedelta(days=7)
EVERY = timedelta(hours=1)


class Halt(Struct, frozen=True):
    """Why the hand-over is halted, until a person lifts the halt."""

    since: datetime
    who: str
    reason: str

    @property
    def tag(self) -> str:
        """Identifies one halt, for a caller who wants to lift only this one."""
        return f"{self.since.timestamp():.6f}"


class Audit(Struct, frozen=True, omit_defaults=True):
    """`checked`: how many orders should be in the shop. `lost`: the refs that are not there.

    `new`: how many of the lost ones were not known before. `standing`: refs that are over here and present there.
    `money`: refs whose captured sum did not match their price. `why_not`: why the shop could not be asked.
    `unread`: how many orders could not be read, so that nobody knows whether they should be there.
    """

    at: datetime
    since: datetime
    checked: int = 0
    lost: tuple[str, ...] = ()
    new: int = 0
    why_not: str = ""
    standing: tuple[str, ...] = ()
    money: tuple[str, ...] = ()
    unread: int = 0
