"""A runbook as the engineer on call follows it: its commands are read from the page and run where the settings are."""

from __future__ import annotations

import os
import re
import subprocess
from collections.abc import Mapping
from pathlib import Path

from ops.demo.places import ROOT

RUNBOOKS = ROOT / "ops" / "runbooks"
COMMANDS = re.compile(r"^( *)```sh\n(.*?)^ *```$", re.MULTILINE | re.DOTALL)
SECONDS = 90


class Page:
    """`settings`: the environment of its commands. `folder`: of another page that is followed in the same way."""

    def __init__(self, name: str, settings: Mapping[str, str], folder: Path = RUNBOOKS) -> None:
        self.text = (folder / f"{name}.md").read_text()
        self._settings = dict(settings)
        self._left = [re.sub(rf"(?m)^{indent}", "", block) for indent, block in COMMANDS.findall(self.text)]

    def set(self, **settings: str) -> None:
        """What the engineer has set before, or deployed meanwhile."""
        self._settings |= settings

    def do(self, beginning: str, *sees: str, code: int = 0) -> str:
        """The next step, whose command begins so; what it shows, which is what the page says."""
        command = self.skip(beginning)
        assert [words for words in sees if words not in self.text] == [], "the page does not say so"
        shown = self.run(command, code)
        assert [words for words in sees if words not in shown] == [], shown
        return shown

    def skip(self, beginning: str) -> str:
        """A step that is for others; its command."""
        command = self._left.pop(0)
        assert command.startswith(beginning), f"the page goes on with: {command}"
        return command

    def again(self, beginning: str, *sees: str) -> str:
        """A step of before once more."""
        [command] = {block for _, block in COMMANDS.findall(self.text) if block.lstrip().startswith(beginning)}
        shown = self.run(command)
        assert [words for words in sees if words not in shown] == [], shown
        return shown

    def is_done(self) -> None:
        assert self._left == [], "steps that nobody has walked through"

    def run(self, command: str, code: int = 0) -> str:
        environment = os.environ | self._settings
        done = subprocess.run(
            ["bash", "-ec", command],
            cwd=ROOT,
            env=environment,
            text=True,
            timeout=SECONDS,
            stdout=subprocess.PIPE,
            stderr=subprocess.STDOUT,
        )
        assert done.returncode == code, f"{command}{done.stdout}"
        return done.stdout
