"""The mail that opens a form on its customer's own device: an agent asks for it, a shift sends it, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.lifecycle import OPEN_NOTICE, PATIENCE
from fallback.domain.order.order import NoticeState

# Longer than a mail server may think about one; what a dead worker took comes due again then.
LEASE = PATIENCE + timedelta(seconds=10)


class Invited(Struct, frozen=True, omit_defaults=True):
    """Who asked for the mail to a draft's customer and when, and how it stands. `due_at`: when it is tried."""

    who: str
    at: datetime
    due_at: datetime
    state: NoticeState = NoticeState.QUEUED
    tries: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_NOTICE


class InvitationMails(Protocol):
    """By cart id, and forgotten after a day, as drafts are. Each call may raise TryAgain."""

    def keep(self, cart_id: str, invited: Invited) -> None:
        """How it stands now, on disk when this returns. It comes due while it is open."""

    def of_cart(self, cart_id: str) -> Invited | None: ...

    def count_due(self, now: datetime) -> int: ...

    def take(self, now: datetime, most: int) -> list[str]:
        """Cart ids of those that are due; each is put off by LEASE."""
