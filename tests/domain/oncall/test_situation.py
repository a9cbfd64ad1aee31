"""The on-call page shows the most urgent problem first."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.oncall.alerts import Alert, Snapshot
from fallback.domain.oncall.situation import House, Situation, situation
from fallback.domain.outage.drain import DrainState, DrainStatus
from fallback.domain.outage.failover import Advice, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.outage.pace import PaceRule
from tests.builders import NOW

TO_ACTIVE = Advice(Mode.ACTIVE, Why.LOOKS, {"looks": 4})


def a_drain(state: DrainState) -> DrainStatus:
    rule = PaceRule(pace=5, at=NOW, who="Ada", why="the shop asked")
    return DrainStatus(
        at=NOW,
        state=state,
        mode=Mode.STANDBY,
        rule=rule,
        highest=5,
        pace=5,
        errors=0,
        latency=None,
        due=0,
        later=0,
        on_hold=0,
        unpaid=0,
        seconds_left=None,
        over_at=None,
    )


def a_house(mode: Mode = Mode.STANDBY, drain: DrainState = DrainState.DONE, **changes: Any) -> House:
    snapshot = Snapshot(ModeState(mode, NOW, "Ada", "x"), None, (), None, {}, {})
    return replace(House(snapshot, a_drain(drain), ()), **changes)


def in_trouble(house: House) -> House:
    return replace(house, snapshot=replace(house.snapshot, not_ready=("Redis keeps nothing on disk.",)))


@pytest.mark.parametrize(
    ("house", "expected"),
    [
        (a_house(), Situation.ALL_WELL),
        (a_house(burning={Alert.DRILL_FAILED}), Situation.DRILL_FAILED),
        (a_house(drain=DrainState.GOING), Situation.HANDING_OVER),
        (a_house(Mode.DRAINING, DrainState.GOING), Situation.HANDING_OVER),
        (a_house(Mode.DRAINING), Situation.ALL_OVER),
        (a_house(Mode.ACTIVE, DrainState.HELD), Situation.OPEN),
        (a_house(burning={Alert.HOLDS_PILE_UP}), Situation.PILE),
        (a_house(burning={Alert.ORDER_TOO_OLD, Alert.HOLDS_PILE_UP}), Situation.OLD),
        (a_house(drain=DrainState.PROBING), Situation.PROBING),
        (a_house(advice=TO_ACTIVE, by_itself=True), Situation.ABOUT_TO_SWITCH),
        (a_house(Mode.DRAINING, DrainState.PAUSED), Situation.PAUSED),
        (a_house(Mode.DRAINING, DrainState.PAUSED, burning={Alert.CLOCKS_DISAGREE}), Situation.CLOCKS),
        (a_house(burning={Alert.WORK_STANDS_STILL}), Situation.STANDS_STILL),
        (a_house(Mode.ACTIVE, DrainState.HELD, burning={Alert.CAPTURE_DEADLINE}), Situation.LAPSING),
        (a_house(advice=TO_ACTIVE), Situation.SWITCH),
        (a_house(looks=False), Situation.NOBODY_LOOKS),
        (a_house(halted=True), Situation.HALTED),
        (in_trouble(a_house()), Situation.NOT_READY),
    ],
)
def test_each_state_of_the_installation_has_its_situation(house: House, expected: Situation) -> None:
    assert situation(house) is expected


def test_a_risk_of_losing_orders_is_the_most_urgent_situation() -> None:
    house = a_house(Mode.DRAINING, DrainState.PAUSED, halted=True, looks=False, advice=TO_ACTIVE, burning=set(Alert))
    assert situation(house) is Situation.HALTED
    assert situation(in_trouble(house)) is Situation.NOT_READY


def test_an_outage_that_a_person_has_to_end_comes_before_what_the_agent_paused() -> None:
    house = a_house(drain=DrainState.PAUSED, advice=TO_ACTIVE)
    assert situation(house) is Situation.SWITCH
    assert situation(replace(house, by_itself=True)) is Situation.PAUSED
