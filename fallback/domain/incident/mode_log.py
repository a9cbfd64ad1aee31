"""Incidents follow the log of the mode: the first process to read it records them, and all record the same."""

from __future__ import annotations

from collections.abc import Sequence
from functools import partial

from fallback.domain.incident.incident import Incident, by_switch, switched
from fallback.domain.incident.ports import Incidents
from fallback.domain.outage.mode import Mode, ModeState


def follow(incidents: Incidents, log: Sequence[ModeState]) -> Incident | None:
    """Open, update and end incidents according to the mode's log; returns the current one. `log`: newest first."""
    last = incidents.last()
    news = [state for state in log if last is None or state.since > last.followed]
    for state in reversed(news):
        if last and last.ended is None:
            accepted = incidents.accepted_before(state.since)
            last = incidents.change(last.id, partial(switched, state=state, accepted=accepted))
        elif state.mode is not Mode.STANDBY:
            last = incidents.open(by_switch(state, incidents.accepted_before(state.since)))
    return last if last and last.ended is None else None
