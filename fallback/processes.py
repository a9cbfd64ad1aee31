"""Processes that belong together end together: who is killed by force cannot stop its children itself."""

from __future__ import annotations

import ctypes
import os
import signal
import sys

PR_SET_PDEATHSIG = 1  # prctl(2)

# Looked up before a fork: after it a child may not (the locks of other threads are held for ever there).
_libc = ctypes.CDLL(None, use_errno=True) if sys.platform == "linux" else None


def stop_with_parent(parent: int) -> None:
    """From now on this process gets SIGTERM when `parent`, its parent's process id, dies. Only Linux offers that."""
    if _libc is None:
        return
    _libc.prctl(PR_SET_PDEATHSIG, signal.SIGTERM)
    if os.getppid() != parent:  # it died before we asked
        os._exit(1)
