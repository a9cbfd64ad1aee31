"""A person switches the mode: who, why, and until when automation leaves it alone."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Protocol

from msgspec import UNSET, UnsetType

from fallback.domain.errors import Invalid
from fallback.domain.order import texts_by_people
from fallback.domain.outage.mode import Decider, Mode, ModeState, default_until
from fallback.domain.outage.ports import Modes
from fallback.usecases.deps import ClockDeps

# For longer there is 'until somebody switches again'. The limit catches a mistyped year, which every on-call page would
# show.
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
    """`until`: None for until somebody switches again, unset for the default of the mode.

    Raises Invalid for a reason that cannot be kept and for a time that is past or too far away, and Conflict if the
    present state is not `instead_of`.
    """
    reason = texts_by_people.reason("reason", reason)
    now = deps.clock()
    if until is UNSET:
        until = default_until(to, now)
    if until and until <= now:
        raise Invalid("until", "invalid", "This time is in the past.")
    if until and until > now + LONGEST:
        raise Invalid("until", "invalid", "This is more than a year away.")
    state = ModeState(to, now, who, reason, Decider.PERSON, until or None)
    deps.modes.switch(state, instead_of)
    return state
