"""Sends alerts about the installation to on-call engineers."""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.bootstrap.container import Container
from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import Alert, AlertState, notification
from fallback.runtime import logs
from fallback.usecases.oncall.raise_alerts import channels_for, raise_alerts
from fallback.usecases.oncall.send_alerts import send_alerts

# Long enough for a restart of Redis or a failover to its replica.
AWAY_AFTER = timedelta(seconds=20)

log = logs.get_logger(process="clock")


class Alerting:
    """While the ledger is down, alerts cannot be stored. Only this one is sent directly, once by each clock process.

    Nobody can acknowledge it then, so it is escalated whenever it lasts.
    """

    def __init__(self, container: Container) -> None:
        self._container = container
        self._away_since: datetime | None = None
        self._told = False
        self._escalated = False

    def once(self) -> None:
        """Raises TryAgain while the ledger is down."""
        raise_alerts(self._container)
        send_alerts(self._container)

    def ended(self, error: BaseException | None) -> None:
        """Receives the outcome of a round."""
        if isinstance(error, TryAgain):
            self._ledger_is_away()
        elif error is None:
            self._ledger_is_back()

    def _ledger_is_away(self) -> None:
        now = self._container.clock()
        self._away_since = self._away_since or now
        lasts, unanswered = now - self._away_since, self._container.alert_limits.unanswered
        text = f"Redis has not answered since {self._away_since:%H:%M:%S} UTC: no orders are accepted."
        if not self._told and lasts >= AWAY_AFTER:
            self._told = True
            self._say(AlertState.BEGUN, text)
        if unanswered and not self._escalated and lasts >= unanswered:
            self._escalated = True
            self._say(AlertState.ESCALATED, text)

    def _ledger_is_back(self) -> None:
        if self._told:
            self._say(AlertState.OVER, "Redis answers again.")
        self._away_since, self._told, self._escalated = None, False, False

    def _say(self, state: AlertState, text: str) -> None:
        said = notification(Alert.LEDGER_AWAY, state, text, self._container.clock())
        for channel in channels_for(self._container, said).values():
            try:
                channel.tell(said)
            except (TryAgain, Refused) as error:
                log.error("alert_lost", kind=said.alert, exc_info=error)
