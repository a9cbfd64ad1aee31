"""Programs that tests run and that the npm registry brings: a folder with package.json and its lock pins them."""

from __future__ import annotations

import fcntl
import shutil
import subprocess
from pathlib import Path

from tests.programs import program

ROOT = Path(__file__).parents[1]
PINS = ("package.json", "package-lock.json")


def installed(folder: Path) -> Path:
    """Its node_modules, under var/npm. Installed once, by whichever process asks first; no package's script is run."""
    place = ROOT / "var/npm" / folder.relative_to(ROOT)
    place.mkdir(parents=True, exist_ok=True)
    pins = "".join((folder / name).read_text() for name in PINS)
    stamp = place / "installed.txt"
    with (place / "lock").open("w") as lock:
        fcntl.flock(lock, fcntl.LOCK_EX)
        if not stamp.exists() or stamp.read_text() != pins:
            _install(folder, place)
            stamp.write_text(pins)
    return place / "node_modules"


def _install(folder: Path, place: Path) -> None:
    for name in PINS:
        shutil.copy(folder / name, place)
    quiet = ("--ignore-scripts", "--no-audit", "--no-fund")
    done = subprocess.run([program("npm"), "ci", *quiet], cwd=place, capture_output=True, text=True)
    assert done.returncode == 0, done.stderr
