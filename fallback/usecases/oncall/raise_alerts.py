"""Look at the whole house, and say to all addresses what is new: once, however often it is looked at."""

from __future__ import annotations

from collections.abc import Sequence

from fallback.domain.clock import Clock
from fallback.domain.oncall.alerts import Limits, Outbox, Outlook, look


def raise_alerts(*, outlook: Outlook, outbox: Outbox, to: Sequence[str], limits: Limits, clock: Clock) -> None:
    """`to`: the names of the addresses. One process at a time calls it."""
    now = clock()
    memory = outbox.memory()
    said = look(outlook.see(now), memory, limits, now)
    if said.memory != memory:  # as it is after each telling
        outbox.remember(said, to, now)
