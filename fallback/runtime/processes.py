"""Requests of a web process to the system: to end with its parent, and to stay on one CPU."""

from __future__ import annotations

import ctypes
import fcntl
import os
import signal
import sys
from collections import Counter
from collections.abc import Iterator
from contextlib import suppress
from pathlib import Path

PR_SET_PDEATHSIG = 1  # prctl(2)

# Looked up before a fork: after it a child may not (the locks of other threads are held for ever there).
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def stop_with_parent(parent: int, by: signal.Signals = signal.SIGTERM) -> None:
    """Send this process the signal when `parent`, its parent's process id, dies. Only on Linux.

    A killed parent cannot stop its children itself.
    """
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, by)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)


def stay_on_one_cpu() -> None:
    """Pin this process, and threads it starts later, to the CPU with the fewest of its group. Only on Linux.

    Threads that share one interpreter run one at a time; when they take turns on several CPUs, each turn begins with
    cold caches, which cost a fifth to a third of the accepts (ops/decisions/accept.md).
    """
    if sys.platform != "linux":
        return
    cpus, group = os.sched_getaffinity(0), os.getpgrp()
    with Path(__file__).open() as door:
        fcntl.flock(door, fcntl.LOCK_EX)  # its siblings start at the same moment and make the same choice
        keeping = Counter(_kept_to(group))
        # Not every group begins with the same CPU.
        os.sched_setaffinity(0, {min(cpus, key=lambda cpu: (keeping[cpu], (cpu + group) % len(cpus)))})


def _kept_to(group: int) -> Iterator[int]:
    """The CPU of each pinned process of the process group."""
    for process in map(int, filter(str.isdigit, os.listdir("/proc"))):
        with suppress(ProcessLookupError):
            cpus = os.sched_getaffinity(process)
            if len(cpus) == 1 and os.getpgid(process) == group:
                yield from cpus
