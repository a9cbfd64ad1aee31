"""Runs the processes of a demo: starts them, restarts those that ended, and keeps down those broken on purpose.

A file (`Place.broken_file`) keeps a process down: it needs no connection and survives every restart.
"""

import contextlib
import ctypes
import os
import signal
import subprocess
import sys
import time
from collections.abc import Callable
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from fallback.runtime.stop_signal import StopSignal
from ops.demo.places import ROOT, Place

TICK = 0.05  # seconds; a killed process is noticed within this time
STEADY = 3.0  # seconds; a process that ran longer, or was killed, is restarted at once
LONGEST_PAUSE = 5.0  # seconds between restarts of a process that keeps ending
HUNG = "hung"  # the way in which a process is broken that only SIGSTOP stopped
GRACE = 8.0  # seconds to finish what is in flight after SIGTERM


@dataclass(frozen=True)
class Process:
    """One long-running command. `answers_at`: an http:// or tcp:// URL that responds once it is ready.

    `user`: who runs it where we are root and it must not be.
    """

    name: str
    command: list[str]
    answers_at: str | None = None
    user: str | None = None


def supervise(
    place: Place,
    processes: list[Process],
    env: dict[str, str],
    *,
    grace: float = GRACE,
    keep_open: tuple[int, ...] = (),
) -> None:
    """Runs until SIGTERM. Children inherit the descriptors in `keep_open`.

    Redis is the first of `processes`: it starts first and stops last.
    """
    stop = StopSignal(signal.SIGTERM)
    signal.signal(signal.SIGINT, signal.SIG_IGN)
    children = [Child(process, place, env, keep_open) for process in processes]
    while not stop.wait(TICK):
        for child in children:
            child.tend()
    stop_all(children[1:], grace)
    stop_all(children[:1], grace)


class Child:
    """One process, with all its restarts."""

    def __init__(self, process: Process, place: Place, env: dict[str, str], keep_open: tuple[int, ...]) -> None:
        self.process = process
        self._place = place
        self._env = env
        self._keep_open = keep_open
        self._running: subprocess.Popen[bytes] | None = None
        self._started = 0.0
        self._pause = 0.0

    def tend(self) -> None:
        down = self._place.broken(self.process.name) == "down"
        if self._running and (down or self._running.poll() is not None):
            self._bury()
        if not self._running and not down and time.monotonic() >= self._started + self._pause:
            self._start()

    def terminate(self) -> None:
        if self._running:
            self._running.terminate()
            with contextlib.suppress(ProcessLookupError):
                os.killpg(self._running.pid, signal.SIGCONT)  # one that hangs on purpose hears it, too

    def end(self, deadline: float) -> None:
        """Waits until the deadline, then kills the process."""
        if self._running:
            try:
                self._running.wait(max(0.0, deadline - time.monotonic()))
            except subprocess.TimeoutExpired:
                self._log("did not stop in time and was killed")
            self._bury()

    def _start(self) -> None:
        self._started = time.monotonic()
        if self._place.broken(self.process.name) == HUNG:
            self._place.broken_file(self.process.name).unlink()  # a new process does not hang
        with self._place.log_file(self.process.name).open("ab") as log:
            self._running = subprocess.Popen(
                self.process.command,
                cwd=ROOT,
                env=self._env,
                stdin=subprocess.DEVNULL,
                stdout=log,
                stderr=log,
                start_new_session=True,
                pass_fds=self._keep_open,
                preexec_fn=die_with_parent(),
                **as_user(self.process.user),
            )
        write_aside(self._pid_file(), f"{self._running.pid}\n")

    def _bury(self) -> None:
        """Kills the process and its remaining children, which would occupy its port."""
        assert self._running
        with contextlib.suppress(ProcessLookupError):
            os.killpg(self._running.pid, signal.SIGKILL)
        code = self._running.wait()
        self._pid_file().unlink(missing_ok=True)
        self._running = None
        crashed = code != -signal.SIGKILL and time.monotonic() - self._started < STEADY
        self._pause = min(LONGEST_PAUSE, self._pause * 2 or 0.2) if crashed else 0.0
        self._log(f"ended with {code}")

    def _pid_file(self) -> Path:
        return self._place.pid_file(self.process.name)

    def _log(self, what: str) -> None:
        print(f"{time.strftime('%H:%M:%S')} {self.process.name} {what}", flush=True)


def stop_all(children: list[Child], grace: float) -> None:
    for child in children:
        child.terminate()
    deadline = time.monotonic() + grace
    for child in children:
        child.end(deadline)


def as_user(name: str | None) -> dict[str, Any]:
    """Arguments of Popen. None: as ourselves."""
    return {"user": name, "group": name, "extra_groups": []} if name else {}


def die_with_parent() -> Callable[[], object] | None:
    """Linux signals a child when its parent is killed. Elsewhere `demo down` cleans up with the pid files."""
    if sys.platform != "linux":
        return None
    prctl = ctypes.CDLL(None).prctl
    set_parent_death_signal = 1
    return lambda: prctl(set_parent_death_signal, signal.SIGTERM)


def write_aside(path: Path, text: str, *, mode: int = 0o644) -> None:
    """Writes the file so that no reader sees half of it."""
    aside = path.with_name(f".{path.name}.new")
    aside.unlink(missing_ok=True)
    aside.touch(mode=mode)
    aside.write_text(text)
    aside.replace(path)
