"""The active alerts, and who works on each."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.oncall.alerts import ActiveAlert, Outbox, active


class Deps(Protocol):
    @property
    def outbox(self) -> Outbox: ...


def list_alerts(deps: Deps) -> list[ActiveAlert]:
    """Urgent ones first, then the oldest. May raise TryAgain."""
    return active(deps.outbox.memory(), deps.outbox.acknowledged())
