"""A person switches the mode: who, why, and until when the machine leaves it alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import UNSET, UnsetType

from fallback.domain.errors import Invalid
from fallback.domain.outage.mode import Decider, Mode, ModeState, default_until
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps

# Whoever means longer says 'until somebody switches again'; a slip of the year stands on every page of on call.
LONGEST = timedelta(days=366)


class Deps(ClockDeps, Protocol):
    @property
    def modes(self) -> Modes: ...


def switch_mode(
    deps: Deps,
    to: Mode,
    who: str,
    reason: str,
    until: datetime | UnsetType | None = UNSET,
    instead_of: ModeState | None = None,
) -> ModeState:
    """`until`: None for until somebody switches again, unset for what is usual for the mode.

    Raises Invalid for a time that is over or too far away, and Conflict if the state is not the one that it is said
    `instead_of`.
    """
    now = deps.clock()
    if until is UNSET:
        until = default_until(to, now)
    if until and until <= now:
        raise Invalid("until", "invalid", "This time is in the past.")
    if until and until > now + LONGEST:
        raise Invalid("until", "invalid", "That is more than a year away.")
    state = ModeState(to, now, who, reason, Decider.PERSON, until or None)
    deps.modes.switch(state, instead_of)
    return state
