"""Note how the house stands, for the minute that it is now."""

from __future__ import annotations

from fallback.domain.minutes import Minutes, failures
from fallback.domain.oncall_ports import Sightings
from fallback.domain.ports import Clock


def note_minute(*, minutes: Minutes, sightings: Sightings, clock: Clock) -> None:
    now, seen = clock(), sightings.read()
    minutes.note(failures(sightings.customers(now), seen.evidence if seen else None, now), now)
