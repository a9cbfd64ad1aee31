"""A person sets the pace, pauses or resumes: nothing that somebody else set is lost."""

from __future__ import annotations

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.outage.drain import PaceRequest
from fallback.domain.outage.pace import PaceRule
from fallback.usecases.outage.set_pace import set_pace
from tests.builders import NOW, deps
from tests.fakes.pace import FakePace, a_rule


class Busy(FakePace):
    """Others decide after a rule is read and before one is written, in this order."""

    def __init__(self, *others: PaceRule) -> None:
        super().__init__(a_rule(20))
        self.others = list(others)

    def rule(self) -> PaceRule:
        seen = super().rule()
        if self.others:
            self.decide(self.others.pop(0))
        return seen


def kim_sets(pace: FakePace, requested: PaceRequest, seen: str | None = None) -> PaceRule:
    return set_pace(deps(pace=pace, clock=lambda: NOW), requested, "Kim", seen)


def test_a_pause_of_the_same_moment_stands_beside_a_pace() -> None:
    pause = a_rule(20, paused=True, who="Ada", why="its disk is full")
    pace = Busy(pause)
    rule = kim_sets(pace, PaceRequest("it is well", pace=5))
    assert (rule.pace, rule.paused, rule.who) == (5, True, "Kim")
    assert pace.decided() == [rule, pause]


def test_who_never_is_first_is_told() -> None:
    pace = Busy(*(a_rule(each, who="Ada") for each in range(1, 50)))
    with pytest.raises(Conflict):
        kim_sets(pace, PaceRequest("it is well", pace=50))
    assert {rule.who for rule in pace.decided()} == {"Ada"}


def test_a_decision_about_an_older_rule_than_the_present_one_is_refused() -> None:
    pace = FakePace(a_rule(20, at=None))
    seen = pace.rule().tag
    first = kim_sets(pace, PaceRequest("its disk is full", paused=True), seen)
    with pytest.raises(Conflict):
        kim_sets(pace, PaceRequest("it is well", paused=False), seen)
    assert pace.rule() == first
    assert not kim_sets(pace, PaceRequest("it is well", paused=False), first.tag).paused
