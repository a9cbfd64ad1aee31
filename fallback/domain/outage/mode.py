"""The mode: who serves the checkout, whether orders are handed over, and who may change it until when."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Mode(StrEnum):
    """`standby`: the primary serves. `active`: we capture. `draining`: the primary is back, we hand over."""

    STANDBY = "standby"
    ACTIVE = "active"
    DRAINING = "draining"


class Decider(StrEnum):
    PERSON = "person"
    MACHINE = "machine"


class ModeState(Struct, frozen=True):
    """The mode with who switched to it, why, and when.

    `until`: a person's decision is left alone by the machine so long; without it, until a person switches again.
    """

    mode: Mode
    since: datetime
    who: str
    reason: str
    by: Decider = Decider.PERSON
    until: datetime | None = None

    @property
    def tag(self) -> str:
        """Names one switch, for whoever wants to change no other."""
        return f"{self.mode}-{self.since.timestamp():.6f}"


# A person who says no time must not turn the machine off for good by that: an outage weeks later would find nobody.
# Our own checkout may stay open: it hurts nobody, and why she opened it is not seen by probes.
STANDS_FOR: dict[Mode, timedelta | None] = {
    Mode.STANDBY: timedelta(hours=1),
    Mode.DRAINING: timedelta(minutes=15),
    Mode.ACTIVE: None,
}


def default_until(mode: Mode, now: datetime) -> datetime | None:
    """Until when a person's switch stands when she does not say it."""
    stands_for = STANDS_FOR[mode]
    return now + stands_for if stands_for else None


def stands(state: ModeState, now: datetime) -> bool:
    """Whether a person decided it, and the machine leaves it alone."""
    return state.by is Decider.PERSON and (state.until is None or now < state.until)


def serves(mode: Mode) -> Literal["primary", "fallback"]:
    """Who the proxy sends checkout requests to."""
    return "fallback" if mode is Mode.ACTIVE else "primary"


def hands_over(mode: Mode) -> bool:
    """Whether placement shifts hand orders to the primary."""
    return mode is not Mode.ACTIVE
