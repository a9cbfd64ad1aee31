"""Which system serves, when orders are handed over, and how long a manual switch lasts."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.outage.mode import Decider, Mode, ModeState, default_until, hands_over, serves, stands
from tests.builders import NOW

MINUTE = timedelta(minutes=1)


def test_only_in_active_mode_we_serve_and_keep_what_comes() -> None:
    assert {mode: (serves(mode), hands_over(mode)) for mode in Mode} == {
        Mode.STANDBY: ("primary", True),
        Mode.ACTIVE: ("fallback", False),
        Mode.DRAINING: ("primary", True),
    }


def test_a_person_who_says_no_time_is_left_alone_for_a_while_and_with_the_checkout_open_for_good() -> None:
    assert {mode: default_until(mode, NOW) for mode in Mode} == {
        Mode.STANDBY: NOW + 60 * MINUTE,
        Mode.ACTIVE: None,
        Mode.DRAINING: NOW + 15 * MINUTE,
    }


def test_a_persons_switch_stands_until_its_time_and_the_machines_does_not() -> None:
    theirs = ModeState(Mode.STANDBY, NOW, "Omar", "why", until=NOW + MINUTE)
    assert [stands(theirs, at) for at in (NOW, NOW + MINUTE)] == [True, False]
    assert stands(ModeState(Mode.ACTIVE, NOW, "Omar", "why"), NOW + 9_000 * MINUTE)
    assert not stands(ModeState(Mode.ACTIVE, NOW, "fallback", "why", Decider.MACHINE), NOW)
