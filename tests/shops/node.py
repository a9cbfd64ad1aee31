"""Shops that run on Node.js: their packages, installed once, and their process."""

from __future__ import annotations

import fcntl
import hashlib
import os
import shutil
import signal
import subprocess
from collections.abc import Iterator, Mapping
from contextlib import contextmanager
from pathlib import Path

import requests

from tests.demo.waiting import eventually
from tests.programs import program

ROOT = Path(__file__).parents[2]
# Ignored by Git; what is in here can be deleted at any time.
CACHE = ROOT / "var/shops"
# A shop of the tests reports to nobody.
QUIET = {"VENDURE_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Several processes run tests: one does the work, the others wait and find it done."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def installed(folder: Path) -> Path:
    """`node_modules` with exactly what the folder's package-lock.json names; installed once for each such list."""
    name = f"{folder.name}-{fingerprint(folder / 'package-lock.json')}"
    home, done = CACHE / name, CACHE / name / "done"
    with one_at_a_time(name):
        if not done.exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(folder / file, home)
            npm = [program("npm"), "ci", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
            subprocess.run(npm, check=True, cwd=home, timeout=600, stdout=subprocess.DEVNULL)
            done.touch()
    return home / "node_modules"


class NodeShop:
    """One Node.js process, which tests may kill and start again. It starts when this is made.

    `ready`: a URL that answers 200 once the shop serves.
    """

    def __init__(self, script: Path, modules: Path, environment: Mapping[str, str], log: Path, ready: str) -> None:
        self._script, self._log, self._ready = script, log, ready
        self._environment = os.environ | {"NODE_PATH": str(modules), "NODE_ENV": "test", **QUIET} | dict(environment)
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


def run_once(script: Path, modules: Path, environment: Mapping[str, str]) -> None:
    """A script that ends by itself, as a shop's seed does."""
    done = subprocess.run(
        [program("node"), script.name],
        check=False,
        cwd=script.parent,
        env=os.environ | {"NODE_PATH": str(modules), **QUIET} | dict(environment),
        capture_output=True,
        text=True,
        timeout=300,
    )
    assert done.returncode == 0, f"{done.stdout}\n{done.stderr}"
