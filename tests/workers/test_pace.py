from __future__ import annotations

from workers.pace import Pace


class Watch:
    def __init__(self) -> None:
        self.seconds = 100.0

    def __call__(self) -> float:
        return self.seconds


def test_one_may_go_at_once() -> None:
    assert Pace(0.5, Watch()).allows() == 1


def test_the_next_may_go_when_its_time_has_come() -> None:
    watch = Watch()
    pace = Pace(0.5, watch)
    pace.take(1)
    watch.seconds += 1.9
    assert pace.allows() == 0
    watch.seconds += 0.1
    assert pace.allows() == 1


def test_over_a_minute_no_more_go_than_the_pace_says() -> None:
    watch = Watch()
    pace = Pace(20, watch)
    gone = 0
    while watch.seconds < 160:
        allowed = pace.allows()
        pace.take(allowed)
        gone += allowed
        watch.seconds += 0.07
    assert 1_190 <= gone <= 1_201


def test_a_long_silence_is_not_made_up_for_in_one_burst() -> None:
    watch = Watch()
    pace = Pace(20, watch)
    watch.seconds += 3_600
    assert pace.allows() == 5
