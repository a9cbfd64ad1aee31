"""The failover monitor: probes the primary, and logs when the advice changes."""

from __future__ import annotations

from fallback.bootstrap.container import Container
from fallback.domain.outage.failover import Advice
from fallback.runtime import logs
from fallback.usecases.outage.probe_primary import probe_primary

log = logs.get_logger(process="clock")


class Probing:
    def __init__(self, container: Container) -> None:
        self._container = container
        self._advice: Advice | None = None

    def once(self) -> None:
        """Raises TryAgain while the ledger is down."""
        advice = probe_primary(self._container).advice
        if self._advice is None or (advice.mode, advice.why) != (self._advice.mode, self._advice.why):
            log.info("advice", mode=advice.mode, reason=advice.why)
        self._advice = advice
