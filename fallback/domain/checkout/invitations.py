"""The mail that opens a form on its customer's own device: an agent requests it, a shift sends it, once."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import Struct

from fallback.domain.order.lifecycle import OPEN_NOTICE
from fallback.domain.order.order import NoticeState
from fallback.domain.order.patience import PATIENCE

# Longer than a mail server may take for one mail; then the work of a dead worker becomes due again.
LEASE = PATIENCE + timedelta(seconds=10)


class Invited(Struct, frozen=True, omit_defaults=True):
    """Who requested the mail to a draft's customer, when, and its state. `due_at`: when it is sent."""

    who: str
    at: datetime
    due_at: datetime
    state: NoticeState = NoticeState.QUEUED
    tries: int = 0

    @property
    def is_open(self) -> bool:
        return self.state in OPEN_NOTICE


class InvitationMails(Protocol):
    """By cart id; deleted after a day, as drafts are. Each call may raise TryAgain."""

    def keep(self, cart_id: str, invited: Invited) -> None:
        """Store the state, on disk when this returns. An open one becomes due."""

    def of_cart(self, cart_id: str) -> Invited | None: ...

    def count_due(self, now: datetime) -> int: ...

    def take(self, now: datetime, most: int) -> list[str]:
        """Cart ids that are due; each is leased for LEASE."""
