"""Programs that no wheel brings, and Debian's package of each."""

import os
import shutil
from collections.abc import Mapping

import click

from ops.demo.places import ROOT

LIST = ROOT / "ops/requirements/programs.txt"
# Debian keeps servers out of the PATH of people who are not root.
SERVERS = "/usr/sbin:/usr/local/sbin"


class Missing(click.ClickException):
    """Programs are not installed. `packages`: Debian's package of each; the message says what to install."""

    def __init__(self, packages: Mapping[str, str]) -> None:
        what, install = ", ".join(packages), " ".join(packages.values())
        is_missing = "which is not installed" if len(packages) == 1 else "which are not installed"
        super().__init__(f"This needs {what}, {is_missing}. On Debian and Ubuntu, as root: apt install {install}")
        self.packages = packages


class Failed(click.ClickException):
    """A program ended with an error. The message has what it printed."""


def program(name: str) -> str:
    """Its path."""
    if path := shutil.which(name, path=f"{os.environ['PATH']}:{SERVERS}"):
        return path
    raise Missing({name: packages()[name]})


def packages() -> dict[str, str]:
    """Debian's package of each program."""
    lines = LIST.read_text().splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))
