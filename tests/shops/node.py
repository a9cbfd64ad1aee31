"""The process of a shop that runs on Node.js."""

from __future__ import annotations

import os
import signal
import subprocess
from collections.abc import Mapping
from pathlib import Path

import requests

from ops.demo.shops.node import environment_of
from tests.demo.waiting import eventually
from tests.programs import program


class NodeShop:
    """One Node.js process, which tests may kill and start again. It starts when this is made.

    `ready`: a URL that answers 200 once the shop serves.
    """

    def __init__(self, script: Path, modules: Path, environment: Mapping[str, str], log: Path, ready: str) -> None:
        self._script, self._log, self._ready = script, log, ready
        self._environment = os.environ | environment_of(modules) | {"NODE_ENV": "test"} | dict(environment)
        self.start()

    def start(self) -> None:
        with self._log.open("ab") as log:
            command = [program("node"), self._script.name]
            self._process = subprocess.Popen(
                command, cwd=self._script.parent, env=self._environment, stdout=log, stderr=log
            )
        eventually(self._answers, within=180, every=0.2)

    def kill(self) -> None:
        self._process.kill()
        self._process.wait()

    def pause(self) -> None:
        """It holds its connections and answers nothing."""
        self._process.send_signal(signal.SIGSTOP)

    def resume(self) -> None:
        self._process.send_signal(signal.SIGCONT)

    def _answers(self) -> bool:
        assert self._process.poll() is None, self._log.read_text()
        try:
            return requests.get(self._ready, timeout=5).status_code == 200
        except requests.RequestException:
            return False
