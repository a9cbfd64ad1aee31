"""Programs that no wheel brings, and Debian's package of each."""

import os
import shutil

import click

from ops.demo.places import ROOT

LIST = ROOT / "ops/requirements/programs.txt"
# Debian keeps servers out of the PATH of people who are not root.
SERVERS = "/usr/sbin:/usr/local/sbin"


class Missing(click.ClickException):
    """A program is not installed. The message says what to install."""


def program(name: str) -> str:
    """Its path."""
    if path := shutil.which(name, path=f"{os.environ['PATH']}:{SERVERS}"):
        return path
    raise Missing(needs(name, packages()[name]))


def needs(what: str, *debian: str) -> str:
    return f"This needs {what}, which is not installed. On Debian and Ubuntu, as root: apt install {' '.join(debian)}"


def packages() -> dict[str, str]:
    """Debian's package of each program."""
    lines = LIST.read_text().splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))
