import threading
import time
from collections.abc import Callable
from typing import TypeVar

Found = TypeVar("Found")


def eventually(holds: Callable[[], Found], *, within: float = 5.0, every: float = 0.05) -> Found:
    """Waits until `holds` gives something true, and gives that back. `every`: seconds between two looks."""
    deadline = time.monotonic() + within
    pause = threading.Event()
    while not (found := holds()):
        assert time.monotonic() < deadline, "did not come to hold in time"
        pause.wait(every)
    return found


def quickest(act: Callable[[], object], times: int = 5) -> float:
    """Seconds of the quickest of several times: a busy machine only adds to what a thing takes by itself."""

    def once() -> float:
        began = time.monotonic()
        act()
        return time.monotonic() - began

    return min(once() for _ in range(times))
