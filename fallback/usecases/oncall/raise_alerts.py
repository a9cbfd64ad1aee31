"""Check the whole installation and queue new alerts for all channels. A repeated check queues nothing twice."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Protocol

from fallback.domain.oncall.alert_rules import look
from fallback.domain.oncall.alerts import (
    AlertChannel,
    AlertLimits,
    AlertState,
    Due,
    Notification,
    Outbox,
    Overview,
)
from fallback.usecases.deps import ClockDeps


class ChannelDeps(Protocol):
    @property
    def alert_channels(self) -> Mapping[str, AlertChannel]: ...

    @property
    def escalation_channels(self) -> Mapping[str, AlertChannel]: ...


class Deps(ClockDeps, ChannelDeps, Protocol):
    @property
    def alert_limits(self) -> AlertLimits: ...

    @property
    def outbox(self) -> Outbox: ...

    @property
    def overview(self) -> Overview: ...


def raise_alerts(deps: Deps) -> None:
    """Must be called by one process at a time."""
    now = deps.clock()
    memory = deps.outbox.memory()
    said = look(deps.overview.see(now), memory, deps.alert_limits, now, deps.outbox.acknowledged())
    if said.memory != memory:  # it changes with each notification
        due = [Due(each, name, 0) for each in said.notifications for name in channels_for(deps, each)]
        deps.outbox.remember(said.memory, due, now)


def channels_for(deps: ChannelDeps, notification: Notification) -> Mapping[str, AlertChannel]:
    """By name. An escalated alert goes to everybody."""
    escalated = notification.state is AlertState.ESCALATED
    return {**deps.alert_channels, **(deps.escalation_channels if escalated else {})}
