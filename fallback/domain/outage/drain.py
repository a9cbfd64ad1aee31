"""The drain: its state, and what a person decides about it."""

from __future__ import annotations

from datetime import datetime, timedelta
from enum import StrEnum
from typing import Protocol

from msgspec import Struct, structs

from fallback.domain.errors import Invalid
from fallback.domain.order.patience import PATIENCE
from fallback.domain.order.texts_by_people import reason
from fallback.domain.outage.forecast import Waiting, curve, seconds_left
from fallback.domain.outage.mode import Mode, hands_over
from fallback.domain.outage.pace import Bounds, Going, PaceRule, highest, pace_now

SLOWEST, FASTEST = 0.01, 10_000.0
# Orders due sooner are under way, or were put off for a moment: they count as due.
SOON = 2 * PATIENCE


class Backlog(Protocol):
    """Counts of waiting orders, from indexes. May raise TryAgain."""

    def waiting(self, now: datetime, soon: timedelta = SOON) -> Waiting: ...


class DrainState(StrEnum):
    """`held`: nothing is handed over in this mode. `probing`: the primary is down, one order at a time tests it."""

    HELD = "held"
    PAUSED = "paused"
    PROBING = "probing"
    GOING = "going"
    DONE = "done"


class DrainStatus(Struct, frozen=True, kw_only=True):
    """Paces in orders a second. `highest`: the pace that was set, or the payment provider's limit if that is lower.

    `errors`: failed calls in the last second that was observed; `latency`: usual seconds of a call to the primary.
    `seconds_left`, `over_at`: the forecast; for a drain that is held or paused, as if it resumed now; None if unknown.
    """

    at: datetime
    state: DrainState
    mode: Mode
    rule: PaceRule
    highest: float
    pace: float
    errors: int
    latency: float | None
    due: int
    later: int
    on_hold: int
    unpaid: int
    seconds_left: float | None
    over_at: datetime | None


def status(mode: Mode, rule: PaceRule, going: Going, bounds: Bounds, waiting: Waiting, now: datetime) -> DrainStatus:
    state = _state(mode, rule, going, waiting)
    left = None if state is DrainState.PROBING else seconds_left(waiting, curve(going, rule, bounds))
    return DrainStatus(
        at=now,
        state=state,
        mode=mode,
        rule=rule,
        highest=highest(rule, bounds),
        pace=pace_now(going, rule, bounds),
        errors=going.errors,
        latency=going.usual,
        due=waiting.due,
        later=len(waiting.later),
        on_hold=waiting.on_hold,
        unpaid=waiting.unpaid,
        seconds_left=left,
        over_at=None if left is None else now + timedelta(seconds=left),
    )


def _state(mode: Mode, rule: PaceRule, going: Going, waiting: Waiting) -> DrainState:
    if not waiting.due and not waiting.later:
        return DrainState.DONE
    if not hands_over(mode):
        return DrainState.HELD
    if rule.paused:
        return DrainState.PAUSED
    return DrainState.PROBING if going.probe_at is not None else DrainState.GOING


class PaceRequest(Struct, frozen=True):
    """The requested changes; None leaves a value as it is."""

    why: str
    pace: float | None = None
    paused: bool | None = None
    ramp: bool | None = None


def decided(before: PaceRule, requested: PaceRequest, who: str, now: datetime) -> PaceRule:
    """Raises Invalid."""
    why = reason("why", requested.why)
    if requested.pace is not None and not SLOWEST <= requested.pace <= FASTEST:
        raise Invalid("pace", "out_of_range", f"From {SLOWEST} to {FASTEST:.0f} orders per second.")
    changes = {name: value for name in ("pace", "paused", "ramp") if (value := getattr(requested, name)) is not None}
    return structs.replace(before, at=now, who=who, why=why, **changes)
