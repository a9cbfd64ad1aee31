"""An on-call engineer works on an alert: it is not repeated, and not escalated."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.errors import NotAllowedNow
from fallback.domain.oncall.alerts import Acknowledged, Alert, Outbox
from fallback.runtime.logs import get_logger
from fallback.usecases.deps import ClockDeps

log = get_logger()


class Deps(ClockDeps, Protocol):
    @property
    def outbox(self) -> Outbox: ...


def acknowledge_alert(deps: Deps, alert: Alert, who: str, seen: str | None = None) -> Acknowledged:
    """Whoever was first, for a second person. Raises NotAllowedNow if the alert is not active.

    `seen`: the tag of the only alert of this kind that they may mean.
    """
    told = deps.outbox.memory().lasting.get(alert)
    if told and seen not in (None, told.tag):
        told = None
    mine = Acknowledged(who, deps.clock(), told.began) if told else None
    taken = deps.outbox.acknowledge(alert, mine) if mine else None
    if taken is None:
        raise NotAllowedNow("over", "acknowledge", "alert_over", "This alert is not active.")
    if taken == mine:
        log.info("alert_acknowledged", kind=alert, who=who)
    return taken
