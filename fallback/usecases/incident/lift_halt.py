"""A person has seen to what the shop lost, and lets orders be handed over again."""

from __future__ import annotations

from functools import partial

from fallback.domain.clock import Clock
from fallback.domain.incident.incident import Entry, Happened, told
from fallback.domain.incident.ports import Halts, Incidents


def lift_halt(who: str, reason: str, *, halts: Halts, incidents: Incidents, clock: Clock) -> bool:
    """False if nothing was halted."""
    lifted, last = halts.lift(), incidents.last()
    if lifted and last:
        incidents.change(last.id, partial(told, entry=Entry(clock(), Happened.LIFTED, who, reason)))
    return lifted
