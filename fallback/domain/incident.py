"""Incidents: one stay out of standby each, named by the moment in which it began."""

from __future__ import annotations

from collections.abc import Sequence

from fallback.domain.mode import Mode, ModeState
from fallback.domain.order import Order

# What was granted for orders that came while the primary served is booked here.
NO_INCIDENT = "standby"


def incident_of(order: Order, mode_log: Sequence[ModeState]) -> str:
    """The incident in which the order was received. `mode_log` newest first."""
    began = None
    for state in mode_log:
        if state.since > order.received_at:
            continue
        if state.mode is Mode.STANDBY:
            break
        began = state.since
    return began.isoformat() if began else NO_INCIDENT
