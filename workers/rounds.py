"""The periodic rounds of the clock process. Each has its own thread, so that a slow round does not delay the others."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from threading import Event, Thread
from time import monotonic

from redis.exceptions import RedisError

from fallback.domain.errors import TryAgain
from fallback.ledger.redis.leases import Leases
from fallback.ledger.redis.readiness import silence
from fallback.runtime import logs

log = logs.get_logger(process="clock")

# Seconds after which a process that does not lead looks whether it has to, if a round of the leader is longer.
STANDS_BY = 5.0


class Rounds:
    """Runs `once` periodically while this process is the leader, until it is stopped.

    Several clocks may run; the lease called `name` makes one of them the leader. An exception in a round, because the
    ledger is down or by a bug, does not end the rounds. Its begin and end are logged; `ended` is called every time.
    """

    def __init__(
        self,
        name: str,
        once: Callable[[], None],
        leases: Leases,
        *,
        every: float,
        lease: float,
        ended: Callable[[BaseException | None], None] = lambda _: None,
    ) -> None:
        self._name = name
        self._once = once
        self._leases = leases
        self._every = every
        self._lease = lease
        self._ended = ended
        # A lease that ends before the next round is nobody's then anyway.
        self._stands_by = min(every, STANDS_BY) if every < lease else every
        self._leads = False
        self._failing = False
        self._stopped = Event()
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def ask_to_stop(self) -> None:
        self._stopped.set()

    def stop(self) -> None:
        """Returns when the current round is finished and another clock may lead."""
        self.ask_to_stop()
        self._thread.join()
        with suppress(TryAgain):
            self._leases.release(self._name)

    def go(self) -> None:
        """One round. Raises TryAgain while the ledger is down."""
        self._leads = self._leases.hold(self._name, self._lease)
        if self._leads:
            self._once()

    def _run(self) -> None:
        pause = 0.0
        with ThreadPoolExecutor(1, thread_name_prefix=self._name) as pool:
            while not self._stopped.wait(pause):
                began = monotonic()
                error = pool.submit(self.go).exception()
                heard = pool.submit(self._ended, error).exception()
                self._tell(error or heard)
                every = self._every if self._leads else self._stands_by
                pause = max(0.0, began + every - monotonic())

    def _tell(self, error: BaseException | None) -> None:
        if error and not self._failing:
            why = {"reason": silence(error.__cause__)} if isinstance(error.__cause__, RedisError) else {}
            log.warning("round_failed", kind=self._name, exc_info=error, **why)
        elif self._failing and not error:
            log.info("round_works_again", kind=self._name)
        self._failing = error is not None
