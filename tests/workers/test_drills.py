"""The clock drills once a day in standby, and sees to what drills left."""

from __future__ import annotations

from datetime import timedelta
from typing import Any

import pytest
from msgspec.structs import replace
from structlog.testing import capture_logs

from fallback.domain.oncall.drill import DrillOutcome
from fallback.domain.oncall.drill_cart import DrillSettings
from fallback.domain.outage.mode import Mode
from tests.usecases.exercise import OFF, SET_UP, Exercise
from workers.drills import DrillRounds

DAY = timedelta(days=1)
BY_HAND = replace(SET_UP, every_hours=0)


class Clocked(Exercise):
    """The clock process looks every second."""

    def __init__(self, **settings: Any) -> None:
        super().__init__(**settings)
        self.process = DrillRounds(self.container)

    def passes(self, by: timedelta) -> None:
        """Time in which the clock looks now and then: as often as a drill needs it, then once."""
        for _ in range(30):
            self.process.once()
            if self.drills.newest():
                self.shifts_go_on()
        self.now += by

    @property
    def outcomes(self) -> list[DrillOutcome]:
        return [drill.outcome for drill in self.drills.newest()]


def test_the_clock_runs_a_drill_every_day_and_logs_the_result() -> None:
    world = Clocked()
    with capture_logs() as logs:
        for _ in range(4):
            world.passes(DAY / 2)
    assert world.outcomes == [DrillOutcome.PASSED] * 2
    assert {drill.who for drill in world.drills.newest()} == {"clock"}
    assert [line["state"] for line in logs if line["event"] == "drilled"] == ["passed"] * 2


def test_a_drill_that_failed_is_logged_as_an_error_and_what_it_left_is_undone() -> None:
    world = Clocked()
    world.primary.stock["BK-1"] = 0
    with capture_logs() as logs:
        world.passes(DAY)
    [line] = [line for line in logs if line["event"] == "drilled"]
    assert (line["log_level"], line["reason"]) == ("error", "The order was put on hold: out_of_stock (BK-1).")
    assert world.nothing_is_left()


@pytest.mark.parametrize("settings", [BY_HAND, OFF])
def test_no_drill_begins_if_drills_are_turned_off(settings: DrillSettings) -> None:
    world = Clocked(drills=settings)
    world.passes(DAY)
    assert world.outcomes == []


def test_the_clock_continues_manual_drills_even_if_scheduled_drills_are_off() -> None:
    world = Clocked(drills=BY_HAND)
    world.begins("Omar")
    world.passes(DAY)
    assert world.outcomes == [DrillOutcome.PASSED]


def test_no_drill_begins_outside_standby() -> None:
    world = Clocked()
    world.switches(Mode.ACTIVE)
    world.passes(DAY)
    assert world.outcomes == []
    world.switches(Mode.STANDBY)
    world.passes(DAY)
    assert world.outcomes == [DrillOutcome.PASSED]
