"""A drill whose follower dies at any point leaves one order, and is followed by the next process."""

from __future__ import annotations

from typing import Any, Literal

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.oncall.drill import DrillOutcome
from fallback.usecases.oncall.continue_drill import continue_drill
from tests.usecases.exercise import SECOND, Exercise, an_exercise
from tests.usecases.world import Crash

CALLS = {
    "drills": ("keep",),
    "ledger": ("commit",),
    "front_door": ("order",),
    "container": ("drill_card",),
}


class Deaths:
    """Counts the calls of who follows a drill; dies at one of them."""

    def __init__(self, world: Exercise, at: int = 0, moment: Literal["before", "after"] = "before") -> None:
        self.seen = 0
        self._at = at
        self._moment = moment
        self._following = False
        for port, calls in CALLS.items():
            for call in calls:
                self._watch(getattr(world, port), call)

    def look(self, world: Exercise) -> None:
        self._following = True
        try:
            continue_drill(world.container, world.drill)
        except Crash:
            world.restart()
        finally:
            self._following = False
        world.ref = world.drill.ref
        world.time_passes(SECOND)

    def _watch(self, port: Any, call: str) -> None:
        make = getattr(port, call)

        def observed(*arguments: Any, **named: Any) -> Any:
            self.seen += self._following
            deadly = self._following and self.seen == self._at
            if deadly and self._moment == "before":
                raise Crash(call)
            answer = make(*arguments, **named)
            if deadly:
                raise Crash(call)
            return answer

        setattr(port, call, observed)


def test_following_a_drill_makes_a_known_number_of_calls() -> None:
    world = an_exercise()
    deaths = Deaths(world)
    while world.drill.goes_on:
        deaths.look(world)
    assert deaths.seen == 7


@pytest.mark.parametrize("moment", ["before", "after"])
@pytest.mark.parametrize("at", range(1, 8))
def test_a_crash_at_any_point_of_a_drill_leaves_exactly_one_order(at: int, moment: Literal["before", "after"]) -> None:
    world = an_exercise()
    deaths = Deaths(world, at, moment)
    while world.drill.goes_on:
        deaths.look(world)
    assert deaths.seen >= at
    assert world.result() == (DrillOutcome.PASSED, "")
    assert len(world.ledger.refs()) == 1
    assert world.nothing_is_left()


def test_the_second_process_that_advances_a_drill_gets_a_conflict() -> None:
    world = an_exercise()
    seen = world.drill
    continue_drill(world.container, seen)
    with pytest.raises(Conflict):
        continue_drill(world.container, seen)
    world.goes_on()
    assert world.result() == (DrillOutcome.PASSED, "")
