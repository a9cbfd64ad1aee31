"""Programs that tests run and that no wheel brings."""

from __future__ import annotations

import os
import shutil
from pathlib import Path

import pytest

LIST = Path(__file__).parents[1] / "ops/requirements/programs.txt"
# Debian keeps servers out of the PATH of people who are not root.
SERVERS = "/usr/sbin:/usr/local/sbin"


def program(name: str) -> str:
    """Its path. A test that needs it and does not find it fails, and says what to do."""
    if path := shutil.which(name, path=f"{os.environ['PATH']}:{SERVERS}"):
        return path
    package = packages()[name]
    pytest.fail(
        f"This test needs {name}, which is not installed. On Debian and Ubuntu, as root: apt install {package} "
        "(./ops/bin/test without arguments installs all that is missing.)",
        pytrace=False,
    )


def packages() -> dict[str, str]:
    """Debian's package of each program."""
    lines = LIST.read_text().splitlines()
    return dict(line.split() for line in lines if not line.startswith("#"))
