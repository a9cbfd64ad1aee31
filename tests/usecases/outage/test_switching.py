"""A person switches the mode: for how long, and from which state; and the share in standby."""

from __future__ import annotations

from datetime import datetime, timedelta
from typing import Any

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.incident.audit import Halt
from fallback.domain.oncall.alerts import AlertLimits, Snapshot
from fallback.domain.outage.failover import PAUSE, Customers, Evidence, Observation, Probe, Rules, advise
from fallback.domain.outage.mode import STANDS_FOR, Decider, Mode, ModeState
from fallback.usecases.outage.review_mode import review_mode
from fallback.usecases.outage.switch_mode import switch_mode
from fallback.usecases.outage.take_standby_share import take_standby_share
from tests.builders import NOW, deps
from tests.domain.oncall.test_alerts import a_snapshot
from tests.fakes.books import FakeHalts
from tests.fakes.observations import FakeObservations
from tests.fakes.pace import FakePace, a_rule
from tests.fakes.views import FakeModes
from tests.refusals import refused

SECOND, LONGEST = timedelta(seconds=1), timedelta(days=366)


def switch(to: Mode = Mode.ACTIVE, modes: FakeModes | None = None, **how: Any) -> ModeState:
    return switch_mode(deps(modes=modes or FakeModes(), clock=lambda: NOW), to, "Kim", "the shop is down", **how)


def test_a_switch_without_an_end_time_uses_the_default_of_the_mode() -> None:
    for mode, usual in STANDS_FOR.items():
        assert switch(mode) == ModeState(
            mode, NOW, "Kim", "the shop is down", Decider.PERSON, NOW + usual if usual else None
        )


def test_a_given_end_time_overrides_the_default() -> None:
    for until in (NOW + SECOND, NOW + LONGEST, None):
        assert switch(until=until).until == until


@pytest.mark.parametrize(
    ("off", "words"),
    [
        (timedelta(), "This time is in the past."),
        (-SECOND, "This time is in the past."),
        (LONGEST + SECOND, "This is more than a year away."),
    ],
)
def test_a_time_that_is_over_or_too_far_away_is_refused(off: timedelta, words: str) -> None:
    with refused("until", "invalid", words):
        switch(until=NOW + off)


@pytest.mark.parametrize(
    ("reason", "code", "detail"),
    [
        ("", "empty", "Please write something."),
        ("  ", "empty", "Please write something."),
        ("\u200b", "empty", "Please write something."),
        ("x" * 301, "too_long", "At most 300 characters."),
        ("4242 4242\n4242 4242", "card_number", "Please leave card numbers out."),
    ],
    ids=ascii,
)
def test_who_switches_gives_a_reason_that_can_be_read(reason: str, code: str, detail: str) -> None:
    modes = FakeModes()
    with refused("reason", code, detail):
        switch_mode(deps(modes=modes, clock=lambda: NOW), Mode.ACTIVE, "Kim", reason)
    assert modes.log() == []


def test_a_reason_is_kept_in_one_line() -> None:
    modes = FakeModes()
    switch_mode(deps(modes=modes, clock=lambda: NOW), Mode.ACTIVE, "Kim", " the shop\n is \u200bdown ")
    assert modes.read().reason == "the shop is down"


def test_who_switches_instead_of_a_state_that_no_longer_stands_is_told() -> None:
    modes = FakeModes()
    before = modes.read()
    switched = switch(modes=modes, instead_of=before)
    with pytest.raises(Conflict):
        switch(Mode.DRAINING, modes, instead_of=before)
    assert modes.read() == switched


# --- what was seen


def test_what_was_seen_too_long_ago_advises_nobody() -> None:
    observations, modes = FakeObservations(), FakeModes()
    rules = Rules(3, timedelta(minutes=1))
    evidence = Evidence((Probe(NOW, page=False, elsewhere=True),), Customers(), None, True, 0)
    seen = Observation(NOW, evidence, advise(Mode.STANDBY, [], evidence, rules, NOW))
    observations.write(seen)

    def reviewed(after: timedelta) -> Observation | None:
        return review_mode(
            deps(modes=modes, observations=observations, clock=lambda: NOW + after, failover_rules=rules)
        )[1]

    assert reviewed(PAUSE) == seen
    assert reviewed(PAUSE + SECOND) is None


# --- the share that is taken in standby


class House:
    """As it stands for whoever decides on the share; all is well unless a test says otherwise."""

    def __init__(self, **snapshot: Any) -> None:
        self.snapshot = a_snapshot(**snapshot)
        self.mode, self.wanted, self.calls_go = Mode.STANDBY, True, True
        self.pace, self.halts = FakePace(a_rule(20)), FakeHalts()

    def see(self, now: datetime) -> Snapshot:
        return self.snapshot

    def takes(self) -> bool:
        return take_standby_share(
            deps(
                standby_share=self.wanted,
                overview=self,
                alert_limits=AlertLimits(timedelta(hours=1), 20),
                pace=self.pace,
                halts=self.halts,
                calls_go=lambda: self.calls_go,
                clock=lambda: NOW,
            ),
            self.mode,
        )


def test_a_share_is_taken_while_all_is_well_in_standby() -> None:
    assert House().takes()


def test_nothing_is_taken_in_an_outage_or_unless_it_is_wanted() -> None:
    for trouble in ({"mode": Mode.ACTIVE}, {"mode": Mode.DRAINING}, {"wanted": False}, {"calls_go": False}):
        house = House()
        vars(house).update(trouble)
        assert not house.takes()


def test_nothing_is_taken_while_something_is_wrong() -> None:
    assert not House(not_ready=("Redis cannot write its append-only file.",)).takes()


def test_nothing_is_taken_while_nothing_is_handed_over() -> None:
    paused, halted = House(), House()
    paused.pace.decide(a_rule(20, paused=True))
    halted.halts.halt(Halt(NOW, "fallback", "The shop has lost 1 order that it had before."))
    assert not paused.takes()
    assert not halted.takes()
