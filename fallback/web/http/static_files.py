"""Our style sheet and scripts. Their URLs contain a hash of the content, so browsers may cache them permanently."""

from __future__ import annotations

from hashlib import sha256
from pathlib import Path

from fallback.web.http.compression import pack

TYPES = {".css": "text/css", ".js": "text/javascript"}
FILES = {path.name: path.read_bytes() for path in sorted((Path(__file__).parents[1] / "static").iterdir())}
PACKED = {name: pack(content) for name, content in FILES.items()}
# One hash for all files, so that scripts can import each other by relative URLs.
VERSION = sha256(b"".join(FILES.values())).hexdigest()[:12]


def asset(name: str) -> str:
    """The URL of one of our files."""
    if name not in FILES:
        raise KeyError(name)
    return f"/static/fallback/{VERSION}/{name}"


def brand(colour: str) -> str:
    """The URL of the style sheet with the shop's colour. It changes with the colour and with each release."""
    return f"/static/fallback/brand.css?{VERSION}-{colour.removeprefix('#')}"
