"""Send due alerts. An unavailable channel gets them later; a removed channel does not get them."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import timedelta
from random import Random
from typing import Protocol

from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import AlertChannel, Due, Outbox
from fallback.domain.retries import backoff
from fallback.runtime.logs import get_logger
from fallback.usecases.deps import ClockDeps

AT_ONCE = 20
# An alert from yesterday is of no use today.
GIVEN_UP_AFTER = timedelta(days=1)

log = get_logger()


class Deps(ClockDeps, Protocol):
    @property
    def outbox(self) -> Outbox: ...

    @property
    def random(self) -> Random: ...

    @property
    def alert_channels(self) -> Mapping[str, AlertChannel]: ...

    @property
    def escalation_channels(self) -> Mapping[str, AlertChannel]: ...


def send_alerts(deps: Deps) -> None:
    """Notifications interrupted by a crash are sent again with the same id.

    An attempt is counted before it is made, so that a notification that kills its sender does not block the others; and
    an unavailable channel is tried only once in a round.
    """
    away, channels = set[str](), {**deps.alert_channels, **deps.escalation_channels}
    for due in deps.outbox.due(deps.clock(), AT_ONCE):
        channel = channels.get(due.to)
        if channel is None or deps.clock() - due.notification.at > GIVEN_UP_AFTER:
            log.warning("alert_dropped", kind=due.notification.alert, tries=due.tries)
            deps.outbox.sent(due)
            continue
        tried = deps.outbox.put_off(due, backoff(due.tries + 1, deps.clock(), deps.random))
        if due.to not in away and not _sent(tried, channel, deps.outbox):
            away.add(due.to)


def _sent(due: Due, channel: AlertChannel, outbox: Outbox) -> bool:
    """False: the channel is unavailable."""
    try:
        channel.tell(due.notification)
    except TryAgain as error:
        log.warning("alert_put_off", kind=due.notification.alert, tries=due.tries, exc_info=error)
        return False
    except Refused as error:
        log.error("alert_refused", kind=due.notification.alert, reason=error.code)
    outbox.sent(due)
    return True
