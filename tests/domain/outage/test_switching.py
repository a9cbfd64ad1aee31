"""The doubts about a switch are named before it is made, if the observation is recent."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.outage.failover import PAUSE, Advice, Evidence, Observation, Probe, Why
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.switching import Doubt, DoubtCode, count_held, doubts
from tests.builders import NOW, an_order
from tests.fakes.ledger import FakeLedger

WELL, AWAY = Probe(NOW, page=True, health=True), Probe(NOW, page=False)
HELD = Doubt(DoubtCode.HELD, {"held": 3})
SHOP_WELL, SHOP_AWAY = Doubt(DoubtCode.SHOP_WELL), Doubt(DoubtCode.SHOP_AWAY)
PROVIDER_AWAY = Doubt(DoubtCode.PROVIDER_AWAY)
STANDBY, ACTIVE, DRAINING = Mode.STANDBY, Mode.ACTIVE, Mode.DRAINING


def seen(*looks: Probe, stripe: bool | None = None, advice: Mode = STANDBY) -> Observation:
    return Observation(NOW, Evidence(looks=looks, provider=stripe), Advice(advice, Why.WELL))


@pytest.mark.parametrize(
    ("to", "held", "observation", "found"),
    [
        (STANDBY, 3, None, [HELD]),
        (STANDBY, 0, None, []),
        (DRAINING, 3, None, []),
        (STANDBY, 3, seen(AWAY, WELL), [HELD]),
        (STANDBY, 0, seen(WELL, AWAY), [SHOP_AWAY]),
        (DRAINING, 0, seen(WELL, AWAY), [SHOP_AWAY]),
        (ACTIVE, 0, seen(WELL, AWAY), []),
        (ACTIVE, 0, seen(AWAY, WELL), [SHOP_WELL]),
        (ACTIVE, 0, seen(AWAY, WELL, advice=ACTIVE), []),
        (DRAINING, 0, seen(WELL, stripe=False), [PROVIDER_AWAY]),
        (DRAINING, 0, seen(WELL, stripe=True), []),
        (DRAINING, 0, seen(WELL), []),
        (ACTIVE, 0, seen(AWAY, stripe=False), []),
        (STANDBY, 0, seen(WELL, stripe=False), []),
    ],
)
def test_the_doubts_about_a_switch(to: Mode, held: int, observation: Observation | None, found: list[Doubt]) -> None:
    assert doubts(to, held, observation, NOW + PAUSE) == found
    late = doubts(to, held, observation, NOW + PAUSE + timedelta(seconds=1))
    assert late == [doubt for doubt in found if doubt.code is DoubtCode.HELD]


def test_orders_that_are_put_off_are_held_too() -> None:
    ledger = FakeLedger()
    ledger.keep(an_order())
    placement = an_order().placement.__class__(due_at=NOW + timedelta(days=20))
    ledger.keep(an_order(placement=placement))
    assert count_held(ledger) == 2
