"""What the clock process does beside its bells, each in a thread of its own: whoever waits there rings no bell late."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from threading import Event, Thread
from time import monotonic

from fallback import logs

log = logs.get_logger(process="clock")


class Rounds:
    """Does `once` every so many seconds, until `stop`, which waits for what is being done.

    What a round raises, the ledger away or a bug, is told when it begins and when it is over, and ends nothing.
    """

    def __init__(self, name: str, every: float, once: Callable[[], None]) -> None:
        self._name = name
        self._every = every
        self._once = once
        self._stopped = Event()
        self._failing = False
        self._thread = Thread(target=self._run, name=name, daemon=True)

    def start(self) -> None:
        self._thread.start()

    def stop(self) -> None:
        self._stopped.set()
        self._thread.join()

    def _run(self) -> None:
        pause = 0.0
        with ThreadPoolExecutor(1, thread_name_prefix=self._name) as pool:
            while not self._stopped.wait(pause):
                began = monotonic()
                self._tell(pool.submit(self._once).exception())
                pause = max(0.0, began + self._every - monotonic())

    def _tell(self, error: BaseException | None) -> None:
        if error and not self._failing:
            log.warning("round_failed", kind=self._name, exc_info=error)
        elif self._failing and not error:
            log.info("round_works_again", kind=self._name)
        self._failing = error is not None
