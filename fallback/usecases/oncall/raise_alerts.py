"""Check the whole installation and queue new alerts for all channels. A repeated check queues nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fallback.domain.oncall.alerts import AlertChannel, AlertLimits, Outbox, Overview, look
from fallback.usecases.deps import ClockDeps


class Deps(ClockDeps, Protocol):
    @property
    def alert_limits(self) -> AlertLimits: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def overview(self) -> Overview: ...

    @property
    def alert_channels(self) -> Mapping[str, AlertChannel]: ...


def raise_alerts(deps: Deps) -> None:
    """Must be called by one process at a time."""
    now = deps.clock()
    memory = deps.outbox.memory()
    said = look(deps.overview.see(now), memory, deps.alert_limits, now)
    if said.memory != memory:  # it changes with each notification
        deps.outbox.remember(said, list(deps.alert_channels), now)
