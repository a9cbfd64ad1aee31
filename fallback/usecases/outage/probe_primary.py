"""Look after the primary once: what we see, what customers met, what follows, and the switch if it is ours to make."""

from __future__ import annotations

from contextlib import suppress

from fallback.domain.clock import Clock
from fallback.domain.errors import Conflict
from fallback.domain.order.ledger import Ledger
from fallback.domain.outage.failover import Evidence, Failover, Rules, Sighting, add, advise, decide
from fallback.domain.outage.ports import Lookout, Modes, Sightings
from fallback.domain.outage.switching import count_held


def probe_primary(
    *,
    lookout: Lookout,
    sightings: Sightings,
    modes: Modes,
    ledger: Ledger,
    clock: Clock,
    failover: Failover,
    rules: Rules,
) -> Sighting:
    """Raises TryAgain while the ledger is away."""
    before = sightings.read()
    look, now = lookout.look(), clock()
    state, log = modes.read(), modes.log()
    evidence = add(
        before.evidence if before else Evidence(),
        look,
        sightings.customers(now),
        sightings.stripe(),
        count_held(ledger),
        rules,
    )
    sighting = Sighting(now, evidence, advise(state.mode, log, evidence, rules, now))
    sightings.write(sighting)
    switched = decide(state, sighting.advice, failover, now)
    if switched:
        with suppress(Conflict):  # a person was first, and her word stands
            modes.switch(switched, instead_of=state)
    return sighting
