"""Ensure that at most one demo runs in a directory.

The lock is a file lock on an open descriptor, which the supervisor and all its children inherit. So it is released
exactly when no process of the demo is left, in whatever order they ended.
"""

import fcntl
import os
import time

from ops.demo.places import Place


def take(place: Place) -> int | None:
    """The descriptor that holds the lock, or None while a demo runs here."""
    place.run.mkdir(parents=True, exist_ok=True)
    descriptor = os.open(place.run / "lock", os.O_RDWR | os.O_CREAT, 0o600)
    try:
        fcntl.flock(descriptor, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except BlockingIOError:
        os.close(descriptor)
        return None
    return descriptor


def is_free(place: Place) -> bool:
    descriptor = take(place)
    if descriptor is None:
        return False
    os.close(descriptor)
    return True


def wait_until_free(place: Place, seconds: float) -> bool:
    deadline = time.monotonic() + seconds
    while not (free := is_free(place)) and time.monotonic() < deadline:
        time.sleep(0.05)
    return free
