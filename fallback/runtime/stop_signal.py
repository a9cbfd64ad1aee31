"""The request to stop this process, for a main thread that waits for it."""

from __future__ import annotations

import os
import signal
from select import select


class StopSignal:
    """Hears these signals from now on. Only the main thread may make it, once.

    The interpreter writes the signal into a pipe at the moment at which it comes. A handler would run later, and only
    in the main thread: waiting for `threading.Event` this one may never run it, or hold the lock that `set` waits for.
    """

    def __init__(self, *numbers: signal.Signals) -> None:
        self._heard, written = os.pipe()
        os.set_blocking(written, False)
        signal.set_wakeup_fd(written, warn_on_full_buffer=False)
        for number in numbers:
            signal.signal(number, lambda *_: None)

    def wait(self, seconds: float | None = None) -> bool:
        """Whether one came. Returns after so many seconds, if none comes."""
        return bool(select([self._heard], [], [], seconds)[0])
