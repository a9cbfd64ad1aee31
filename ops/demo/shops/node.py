"""Shops that run on Node.js: their packages, installed once, and their environment."""

from __future__ import annotations

import fcntl
import hashlib
import json
import os
import shutil
import subprocess
import time
from collections.abc import Callable, Iterator, Mapping
from contextlib import contextmanager, suppress
from pathlib import Path

from ops.demo.places import ROOT
from ops.demo.programs import Failed, program

# Ignored by Git; what is in here can be deleted at any time.
CACHE = ROOT / "var/shops"
# A shop of a demo or of a test reports to nobody.
QUIET = {"VENDURE_DISABLE_TELEMETRY": "1", "DO_NOT_TRACK": "1"}

INSTALLED_WITHIN = 1800.0  # seconds, on a slow line
Progress = Callable[[int, int], object]


@contextmanager
def one_at_a_time(name: str) -> Iterator[None]:
    """Several processes want the same: one does the work, the others wait and find it done."""
    CACHE.mkdir(parents=True, exist_ok=True)
    with (CACHE / f"{name}.lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        yield


def fingerprint(*files: Path) -> str:
    digest = hashlib.sha256()
    for file in files:
        digest.update(file.read_bytes())
    return digest.hexdigest()[:12]


def home_of(folder: Path) -> Path:
    """Where the packages of the folder's package-lock.json are installed."""
    return CACHE / f"{folder.name}-{fingerprint(folder / 'package-lock.json')}"


def installed(folder: Path, progress: Progress = lambda _, __: None) -> Path:
    """`node_modules` with exactly what the folder's package-lock.json names; installed once for each such list.

    `progress`: is told, while it installs, how many packages of how many are there.
    """
    home = home_of(folder)
    with one_at_a_time(home.name):
        if not (home / "done").exists():
            shutil.rmtree(home, ignore_errors=True)
            home.mkdir()
            for file in ("package.json", "package-lock.json"):
                shutil.copy(folder / file, home)
            install(home, progress)
            (home / "done").touch()
    return home / "node_modules"


def install(home: Path, progress: Progress) -> None:
    named = json.loads((home / "package-lock.json").read_text())["packages"].items()
    expected = [home / path / "package.json" for path, package in named if path and not package.get("optional")]
    command = [program("npm"), "ci", "--omit=optional", "--no-audit", "--no-fund", "--loglevel=error"]
    log = home / "npm.log"
    with log.open("wb") as output:
        npm = subprocess.Popen(command, cwd=home, stdout=output, stderr=output)
    deadline = time.monotonic() + INSTALLED_WITHIN
    try:
        while npm.poll() is None and time.monotonic() < deadline:
            progress(sum(map(Path.exists, expected)), len(expected))
            with suppress(subprocess.TimeoutExpired):
                npm.wait(1)
    finally:
        npm.kill()
    if npm.wait():
        raise Failed(f"npm could not install the shop's packages:\n{log.read_text()}")


def run_once(script: Path, modules: Path, environment: Mapping[str, str]) -> None:
    """A script that ends by itself, as a shop's seed does."""
    done = subprocess.run(
        [program("node"), script.name],
        check=False,
        cwd=script.parent,
        env=os.environ | environment_of(modules) | dict(environment),
        capture_output=True,
        text=True,
        timeout=300,
    )
    if done.returncode:
        raise Failed(f"{script.name}:\n{done.stdout}\n{done.stderr}")


def environment_of(modules: Path) -> dict[str, str]:
    return {"NODE_PATH": str(modules), **QUIET}
