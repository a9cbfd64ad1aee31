"""Threads that have to wait for others, and locks that tell of it."""

from __future__ import annotations

from collections.abc import Callable
from threading import Event, Lock, Thread


class Watched:
    """A lock of which `waits` is told each time that a thread has to wait for it."""

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
    """When this returns, it is over or waits for a lock that sets `waits`."""
    thread.start()
    while thread.is_alive() and not waits.is_set():
        thread.join(0.001)
