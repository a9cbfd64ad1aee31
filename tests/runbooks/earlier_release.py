"""An earlier release, from the repository's own history: its wheel, and its processes beside those of today."""

from __future__ import annotations

import os
import re
import subprocess
import sys
from pathlib import Path

from ops.demo.places import ROOT

STOPS_WITHIN = 60
UNKNOWN = re.compile(r"^(\w+) is not a setting", re.MULTILINE)


class EarlierRelease:
    """`commit`: of this repository. `folder`: an empty one. `settings`: those of today, without unknown ones."""

    def __init__(self, commit: str, folder: Path, settings: dict[str, str]) -> None:
        self._folder = folder
        source = folder / "source"
        source.mkdir()
        archive = subprocess.run(["git", "archive", commit], cwd=ROOT, check=True, stdout=subprocess.PIPE)
        subprocess.run(["tar", "x", "-C", source], input=archive.stdout, check=True)
        self._pip("wheel", "--no-build-isolation", "--wheel-dir", "dist", "./source")
        [wheel] = (folder / "dist").glob("*.whl")
        self._pip("install", "--no-index", "--target", "installed", str(wheel))
        if not (ops := folder / "installed" / "ops").exists():  # earlier wheels found the policy in a checkout
            ops.symlink_to(source / "ops")
        self._running: dict[str, subprocess.Popen[bytes]] = {}
        self._env = os.environ | settings | {"PYTHONPATH": str(folder / "installed")}
        for name in UNKNOWN.findall(self._refusals()):
            del self._env[name]
        assert self._refusals() == ""

    def starts(self, *names: str) -> None:
        """By the commands of its Procfile."""
        lines = (line.partition(": ") for line in (self._folder / "source" / "Procfile").read_text().splitlines())
        commands = {name: command for name, _, command in lines}
        for name in names:
            command = ["sh", "-c", f"exec {commands[name]}"]
            with (self._folder / f"{name}.log").open("ab") as log:
                self._running[name] = subprocess.Popen(command, cwd=self._folder, env=self._env, stdout=log, stderr=log)

    def stops(self, *names: str) -> None:
        for name in names:
            self._running[name].terminate()
            self._running.pop(name).wait(STOPS_WITHIN)

    def end(self) -> None:
        self.stops(*self._running)

    def _pip(self, command: str, *words: str) -> None:
        line = [sys.executable, "-m", "pip", command, "--quiet", "--no-deps", "--disable-pip-version-check", *words]
        subprocess.run(line, cwd=self._folder, check=True)

    def _refusals(self) -> str:
        """What it says of the settings, if it does not start with them."""
        check = [sys.executable, "-m", "fallback.config"]
        said = subprocess.run(check, cwd=self._folder, env=self._env, capture_output=True, text=True)
        return said.stdout + said.stderr if said.returncode else ""
