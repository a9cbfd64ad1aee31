"""The mode: who serves the checkout, and whether orders are handed over."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Mode(StrEnum):
    """`standby`: the primary serves. `active`: we capture. `draining`: the primary is back, we hand over."""

    STANDBY = "standby"
    ACTIVE = "active"
    DRAINING = "draining"


class ModeState(Struct, frozen=True):
    """The mode with who switched to it, why, and when."""

    mode: Mode
    since: datetime
    who: str
    reason: str


def serves(mode: Mode) -> Literal["primary", "fallback"]:
    """Who the proxy sends checkout requests to."""
    return "fallback" if mode is Mode.ACTIVE else "primary"


def hands_over(mode: Mode) -> bool:
    """Whether placement shifts hand orders to the primary."""
    return mode is not Mode.ACTIVE
