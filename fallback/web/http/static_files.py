"""Our own style sheet and scripts: an address carries a hash of their content, so browsers may keep them for good."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

TYPES = {".css": "text/css", ".js": "text/javascript"}
FILES = {path.name: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "static").iterdir())}
# One for all files, so that a script finds another one by its relative address.
VERSION = sha256(b"".join(FILES.values())).hexdigest()[:12]


def asset(name: str) -> str:
    """The address of one of our files."""
    if name not in FILES:
        raise KeyError(name)
    return f"/static/fallback/{VERSION}/{name}"
