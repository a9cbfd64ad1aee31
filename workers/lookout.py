"""Looks after the primary, in a thread of the clock process: whoever waits for a slow primary rings no bell late.

Several clocks may run; one of them looks, by a lease of its own.
"""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from fallback import logs
from fallback.bootstrap import Container
from fallback.domain.errors import TryAgain
from fallback.domain.failover import Advice
from fallback.ledger.leases import Leases

LEASE = "lookout"
# Longer than a look and the pause after it: whoever looks keeps the lease, and nobody looks twice as often.
LEASE_MARGIN = 5.0

log = logs.get_logger(process="lookout")


class LookingOut:
    """`stop` ends it within a look's patience."""

    def __init__(self, container: Container, leases: Leases) -> None:
        config = container.config
        self._container = container
        self._leases = leases
        self._every = config.fallback_probe_seconds
        self._lease = config.fallback_probe_seconds + config.fallback_probe_patience + LEASE_MARGIN
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=LEASE, daemon=True)
        self._advice: Advice | None = None
        self._failing = False

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()
        with suppress(TryAgain):
            self._leases.release(LEASE)

    def _run(self) -> None:
        pause = 0.0
        with ThreadPoolExecutor(1, thread_name_prefix=LEASE) as pool:
            while not self._stopped.wait(pause):
                began = monotonic()
                # Whatever a look raises, the ledger away or a bug, is told once, and does not end the looking.
                self._tell(pool.submit(self.look_once).exception())
                pause = max(0.0, began + self._every - monotonic())

    def look_once(self) -> None:
        """Raises TryAgain while the ledger is away."""
        if not self._leases.hold(LEASE, self._lease):
            return
        advice = self._container.look_out().advice
        if self._advice is None or (advice.mode, advice.why) != (self._advice.mode, self._advice.why):
            log.info("advice", mode=advice.mode, reason=advice.why)
        self._advice = advice

    def _tell(self, error: BaseException | None) -> None:
        if error and not self._failing:
            log.warning("look_failed", exc_info=error)
        elif self._failing and not error:
            log.info("looks_again")
        self._failing = error is not None
