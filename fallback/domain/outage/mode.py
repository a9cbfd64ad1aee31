"""The mode: who serves the checkout, whether orders are handed over, and until when a person's decision stands."""

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
    """The mode, with who switched to it, when and why.

    `until`: until then nothing overrides a person's decision automatically; None: until a person switches again.
    """

    mode: Mode
    since: datetime
    who: str
    reason: str
    by: Decider = Decider.PERSON
    until: datetime | None = None

    @property
    def tag(self) -> str:
        """Identifies one switch, so that a form replaces no other."""
        return f"{self.mode}-{self.since.timestamp():.6f}"


# A person who names no time must not suspend automatic switching for good: an outage weeks later would go unanswered.
# Active may last: an open checkout of ours does no harm, and probes do not see why the person opened it.
STANDS_FOR: dict[Mode, timedelta | None] = {
    Mode.STANDBY: timedelta(hours=1),
    Mode.DRAINING: timedelta(minutes=15),
    Mode.ACTIVE: None,
}


def default_until(mode: Mode, now: datetime) -> datetime | None:
    """Until when a person's switch stands if they name no time."""
    stands_for = STANDS_FOR[mode]
    return now + stands_for if stands_for else None


def stands(state: ModeState, now: datetime) -> bool:
    """Whether a person decided the mode and automatic switching is still suspended."""
    return state.by is Decider.PERSON and (state.until is None or now < state.until)


def serves(mode: Mode) -> Literal["primary", "fallback"]:
    """Who the proxy sends checkout requests to."""
    return "fallback" if mode is Mode.ACTIVE else "primary"


def hands_over(mode: Mode) -> bool:
    """Whether placement shifts hand orders to the primary."""
    return mode is not Mode.ACTIVE
