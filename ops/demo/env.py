"""The `env` file of a demo, and what its values are made of."""

import json
import secrets
from pathlib import Path

from ops.demo.places import EXAMPLE, Place

Env = dict[str, str]

SHOP_NAME = "demo-shop"


def place_in(state: Path) -> Place:
    """The demo in this folder, where it was at its last start."""
    known = read_env(Place(state))
    port_base = int(known.get("DEMO_PORT_BASE", Place.port_base))
    return Place(state, port_base, known.get("DEMO_SHOP", EXAMPLE))


def read_env(place: Place) -> Env:
    if not place.env_file.exists():
        return {}
    lines = place.env_file.read_text().splitlines()
    return dict(line.split("=", 1) for line in lines)


def secret() -> str:
    return secrets.token_urlsafe(32)


def password() -> str:
    """A password that is short enough to type."""
    return secrets.token_urlsafe(12)


def compact(value: object) -> str:
    """JSON without spaces, for a file that shells can read, too."""
    return json.dumps(value, separators=(",", ":"))
