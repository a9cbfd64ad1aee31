"""The mode as this machine knew it last, for those who must not wait for the ledger: customers and the proxy.

Whoever acts on orders asks the ledger.
"""

from __future__ import annotations

from datetime import datetime
from typing import Protocol

from msgspec import Struct

from fallback.domain.errors import TryAgain
from fallback.domain.outage.mode import ModeState
from fallback.domain.outage.ports import Modes


class KnownMode(Struct, frozen=True):
    """`at`: when the ledger said so; None: it says so now."""

    state: ModeState
    at: datetime | None = None


class LastMode(Protocol):
    """Thread safe; shared by the processes of one machine, and kept over restarts."""

    def note(self, state: ModeState, now: datetime) -> None: ...

    def read(self) -> KnownMode | None: ...


def known_mode(modes: Modes, last: LastMode | None) -> KnownMode:
    """Raises TryAgain: the ledger is away, and was never seen."""
    try:
        return KnownMode(modes.read())
    except TryAgain:
        known = last.read() if last else None
        if known is None:
            raise
        return known
