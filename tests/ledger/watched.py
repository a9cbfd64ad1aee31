"""Threads that have to wait for others, and locks that tell of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread
from time import monotonic

# Seconds; only a test that fails waits as long.
WITHIN = 60


class Watched:
    """A lock that calls `waits` whenever a thread has to wait for it."""

    def __init__(self, waits: Callable[[], None]) -> None:
        self._lock, self._waits = Lock(), waits
        self.release = self._lock.release

    def acquire(self, blocking: bool = True) -> bool:
        if self._lock.acquire(blocking=False):
            return True
        if blocking:
            self._waits()
            self._lock.acquire()
        return blocking

    def __enter__(self) -> None:
        self.acquire()

    def __exit__(self, *_: object) -> None:
        self.release()


def start(thread: Thread, waits: Event) -> None:
    """Returns once the thread has ended, or waits for a lock that sets `waits`."""
    thread.start()
    until = monotonic() + WITHIN
    while thread.is_alive() and not waits.is_set():
        assert monotonic() < until, "the thread neither ends nor waits"
        thread.join(0.001)


def ended(thread: Thread) -> None:
    thread.join(WITHIN)
    assert not thread.is_alive(), "the thread waits for ever"
