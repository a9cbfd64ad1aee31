"""Sends alerts about the installation to on-call engineers."""

from __future__ import annotations

from datetime import datetime, timedelta

from fallback.bootstrap.container import Container
from fallback.domain.errors import Refused, TryAgain
from fallback.domain.oncall.alerts import Alert, AlertState, notification
from fallback.runtime import logs
from fallback.usecases.oncall.raise_alerts import raise_alerts
from fallback.usecases.oncall.send_alerts import send_alerts

# Long enough for a restart of Redis or a failover to its replica.
AWAY_AFTER = timedelta(seconds=20)

log = logs.get_logger(process="clock")


class Alerting:
    """While the ledger is down, alerts cannot be stored. Only this one is sent directly, once by each clock process."""

    def __init__(self, container: Container) -> None:
        self._container = container
        self._away_since: datetime | None = None
        self._told = False

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
        if not self._told and now - self._away_since >= AWAY_AFTER:
            self._told = True
            self._say(
                AlertState.BEGUN,
                f"Redis has not answered since {self._away_since:%H:%M:%S} UTC: no orders are accepted.",
            )

    def _ledger_is_back(self) -> None:
        if self._told:
            self._say(AlertState.OVER, "Redis answers again.")
        self._away_since, self._told = None, False

    def _say(self, state: AlertState, text: str) -> None:
        said = notification(Alert.LEDGER_AWAY, state, text, self._container.clock())
        for channel in self._container.alert_channels.values():
            try:
                channel.tell(said)
            except (TryAgain, Refused) as error:
                log.error("alert_lost", kind=said.alert, exc_info=error)
