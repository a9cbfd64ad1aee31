"""The mode: who serves the checkout, whether orders are handed over, and who may change that until when."""

from __future__ import annotations

from datetime import UTC, datetime, timedelta
from enum import StrEnum
from typing import Literal

from msgspec import Struct


class Mode(StrEnum):
    """`standby`: the primary serves. `active`: we take orders. `draining`: the primary is back, we hand over."""

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
        """Identifies one switch, for a caller who wants to replace only this one."""
        return f"{self.mode}-{self.since.timestamp():.6f}"

    @property
    def switched_at(self) -> datetime | None:
        """None before the first switch: since when that mode has lasted is not known."""
        return None if self == AT_FIRST else self.since


# Before anybody switched. The date is only earlier than any switch: show `switched_at`.
AT_FIRST = ModeState(Mode.STANDBY, datetime(2000, 1, 1, tzinfo=UTC), "setup", "never switched", Decider.MACHINE)

# A person who gives no end must not disable automation for good: an outage weeks later would go unhandled. Our own
# checkout may stay open: it does no harm, and probes do not show why a person opened it.
STANDS_FOR: dict[Mode, timedelta | None] = {
    Mode.STANDBY: timedelta(hours=1),
    Mode.DRAINING: timedelta(minutes=15),
    Mode.ACTIVE: None,
}


def default_until(mode: Mode, now: datetime) -> datetime | None:
    """When a person's switch ends if they do not say."""
    stands_for = STANDS_FOR[mode]
    return now + stands_for if stands_for else None


def stands(state: ModeState, now: datetime) -> bool:
    """Whether a person decided it and automation has to respect it."""
    return state.by is Decider.PERSON and (state.until is None or now < state.until)


def serves(mode: Mode) -> Literal["primary", "fallback"]:
    """Who the proxy sends checkout requests to."""
    return "fallback" if mode is Mode.ACTIVE else "primary"


def hands_over(mode: Mode) -> bool:
    """Whether placement shifts hand orders to the primary."""
    return mode is not Mode.ACTIVE
