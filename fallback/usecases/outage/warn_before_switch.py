"""Say what speaks against a switch, before a person makes it."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.ports import Sightings
from fallback.domain.outage.switching import Doubt, count_held, doubts


def warn_before_switch(to: Mode, *, sightings: Sightings, ledger: Ledger, clock: Clock) -> list[Doubt]:
    return doubts(to, count_held(ledger), sightings.read(), clock())
