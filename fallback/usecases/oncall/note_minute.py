"""Note how the house stands, for the minute that it is now."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.oncall.minutes import Minutes, failures
from fallback.domain.outage.ports import Sightings


def note_minute(*, minutes: Minutes, sightings: Sightings, clock: Clock) -> None:
    now, seen = clock(), sightings.read()
    minutes.note(failures(sightings.customers(now), seen.evidence if seen else None, now), now)
