"""The programs as they are deployed, killed by force and started again."""

from __future__ import annotations

import os
import signal
import subprocess
import sys
from contextlib import suppress
from pathlib import Path
from typing import Any

from ops.demo.processes import procfile
from ops.demo.supervisor import die_with_parent
from tests.web.world import a_config
from tests.workers.running import environment

ROOT = Path(__file__).parents[2]
BIN = Path(sys.executable).parent


class Program:
    """One command over all its lives, started in `cwd`. `log`: the file that has what all of them said."""

    def __init__(self, command: list[str], log: Path, env: dict[str, str] | None = None, cwd: Path = ROOT) -> None:
        self._command, self._cwd = command, cwd
        self._env = os.environ | (env or {}) | {"PATH": f"{BIN}:{os.environ['PATH']}"}
        self._log = log
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            self._process = subprocess.Popen(
                self._command,
                cwd=self._cwd,
                env=self._env,
                stdout=log,
                stderr=log,
                start_new_session=True,
                preexec_fn=die_with_parent(),
            )

    def kill(self, *, whole: bool = True) -> None:
        """`kill -9`; `whole`: all of its processes, as when the machine goes, not only the first one."""
        if whole:
            os.killpg(self._process.pid, signal.SIGKILL)
        else:
            self._process.kill()
        self._process.wait()

    def stop(self) -> None:
        """All of its processes stand still, as on a machine that swaps, or is moved to another host."""
        os.killpg(self._process.pid, signal.SIGSTOP)

    def go_on(self) -> None:
        """They go on where they were: they know nothing of the time between."""
        os.killpg(self._process.pid, signal.SIGCONT)

    def ended(self) -> bool:
        return self._process.poll() is not None

    def close(self) -> None:
        """The group outlives its first process, if the others do."""
        with suppress(ProcessLookupError):
            os.killpg(self._process.pid, signal.SIGKILL)
        self._process.wait()


def deployed(name: str, log: Path, settings: dict[str, Any], app: str | None = None, **env: str) -> Program:
    """A line of the Procfile; `app` in the place of the web application."""
    command = [sys.executable, "-m", "fallback.web", app] if app else procfile(name)
    return Program(command, log, environment(a_config(**settings)) | {"HOST": "127.0.0.1"} | env)
