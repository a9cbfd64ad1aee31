"""The pace with a clock that tests advance: how many orders go, and how the ramp reacts."""

from __future__ import annotations

from bisect import bisect_left
from itertools import pairwise
from math import ceil
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.outage.pace import (
    FORGOTTEN_AFTER,
    LONGEST_REST,
    MADE_UP_FOR,
    NOTHING,
    PROBE_LASTS,
    REST,
    SETTLES_IN,
    Bounds,
    Going,
    Heard,
    PaceRule,
    look,
    pace_now,
    take,
)
from tests.fakes.pace import UNBOUND, a_rule

RAMP = Bounds(start=2, step=1, captures=10_000)

WINDOW = 5.0


class Drain:
    """Workers that take all they are given, and the moments at which each order went."""

    def __init__(self, rule: PaceRule, bounds: Bounds = UNBOUND) -> None:
        self.rule = rule
        self.bounds = bounds
        self.now = 1_000.0
        self.going: Going | None = None
        self.went: list[float] = []
        self.wait = 0.0

    def take(self, most: int = 1_000, heard: Heard = NOTHING, although_paused: bool = False) -> int:
        turn = take(self.going, self.rule, self.bounds, heard, most, self.now, although_paused)
        self.going, self.wait = turn.going, turn.wait
        self.went += [self.now] * turn.orders
        return turn.orders

    def for_(self, seconds: float, every: float = 0.03, seconds_a_call: float = 0.05, errors: float = 0.0) -> int:
        """Ask again and again; each order that went is three calls, of which so many end badly."""
        before, until, calls, failed = len(self.went), self.now + seconds, 0, 0
        while self.now < until:
            new = 3 * self.take(1_000, Heard(calls, failed, calls * seconds_a_call, calls // 3))
            calls, failed = new, round(new * errors)
            self.now += every if new else max(self.wait, 0.005)
        return len(self.went) - before

    @property
    def pace(self) -> float:
        return pace_now(look(self.going, self.rule, self.bounds, self.now), self.rule, self.bounds)

    def most_in_a_window(self) -> int:
        return max((bisect_left(self.went, at + WINDOW) - place for place, at in enumerate(self.went)), default=0)


# --- never above the pace


@given(
    pace=st.floats(0.5, 60),
    steps=st.lists(st.tuples(st.floats(0, 3), st.integers(0, 40), st.booleans()), max_size=60),
)
def test_in_any_five_seconds_at_most_a_twentieth_more_go_than_the_pace_says(
    pace: float, steps: list[tuple[float, int, bool]]
) -> None:
    """Whenever workers ask, for however many, through pauses, and when Redis has forgotten how things stood."""
    drain = Drain(a_rule(pace, ramp=False))
    for wait, most, paused in steps:
        drain.now += wait
        drain.rule = a_rule(pace, ramp=False, paused=paused)
        drain.take(most)
    # An order is whole: where a twentieth of five seconds' orders is less than one, it is one.
    assert drain.most_in_a_window() <= max(pace * WINDOW * 1.05, pace * WINDOW + 1)


@pytest.mark.parametrize("pace", [0.5, 1, 5, 20, 100])
def test_the_pace_is_reached_and_kept(pace: float) -> None:
    drain = Drain(a_rule(pace, ramp=False))
    assert drain.for_(60) == pytest.approx(pace * 60, rel=0.03)
    assert drain.most_in_a_window() <= max(pace * WINDOW * 1.05, ceil(pace * WINDOW))


def test_a_worker_that_asks_late_makes_up_for_a_moment_only() -> None:
    drain = Drain(a_rule(20, ramp=False))
    drain.take()
    drain.now += 3_600
    assert drain.take() == 4  # 0.15 s at 20 a second, and the one that was ready


def test_a_slow_pace_stays_slow_through_every_silence() -> None:
    drain = Drain(a_rule(1 / 300, ramp=False))
    assert drain.for_(3_600, every=1) == 12


def test_a_clock_that_goes_back_lets_nothing_go() -> None:
    drain = Drain(a_rule(20, ramp=False))
    drain.take()
    drain.now -= 3_600
    assert drain.take() == 0
    drain.now += 0.05
    assert drain.take() == 1


def test_while_it_is_paused_none_goes_and_after_it_no_burst() -> None:
    drain = Drain(a_rule(20, paused=True))
    assert drain.for_(10) == 0
    drain.rule = a_rule(20, ramp=False)
    assert drain.take() <= 1 + 20 * MADE_UP_FOR


def test_a_look_may_be_taken_while_it_is_paused() -> None:
    drain = Drain(a_rule(20, paused=True))
    assert drain.take(1, although_paused=True) == 1


def test_room_that_was_not_used_is_given_back() -> None:
    drain = Drain(a_rule(1, ramp=False))
    assert drain.take() == 1
    assert drain.take() == 0
    assert drain.take(heard=Heard(unused=1)) == 1


def test_stripe_is_not_asked_for_more_captures_than_it_takes() -> None:
    drain = Drain(a_rule(50, ramp=False), Bounds(start=2, step=1, captures=20))
    assert drain.for_(10) == pytest.approx(200, rel=0.03)


# --- the ramp


def test_the_pace_starts_slowly_and_grows_a_little_each_second() -> None:
    drain = Drain(a_rule(20), RAMP)
    assert drain.pace == 2
    paces = [drain.for_(1) and drain.pace for _ in range(30)]
    assert all(before <= after <= before + 2 for before, after in pairwise(paces))
    assert paces[9] == pytest.approx(2 + 10, abs=2)
    assert paces[-1] == 20


@pytest.mark.parametrize("trouble", [{"errors": 0.2}, {"seconds_a_call": 0.4}], ids=["errors", "latency"])
def test_failures_halve_the_pace_and_a_calm_period_restores_it(trouble: dict[str, float]) -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    drain.for_(1.5, **trouble)
    assert drain.pace == pytest.approx(10)
    drain.for_(SETTLES_IN + 12)
    assert drain.pace == 20


@pytest.mark.parametrize("seed", range(5))
def test_a_primary_whose_calls_differ_is_not_taken_for_one_that_gets_slow(seed: int) -> None:
    random, drain = Random(seed), Drain(a_rule(10), Bounds(start=1, step=1, captures=10_000))
    for _ in range(200):
        drain.for_(0.2, seconds_a_call=random.uniform(0.05, 0.3))
    assert drain.pace == 10


def test_one_bad_moment_is_counted_once() -> None:
    """What was under way when it began ends badly too, and says nothing new."""
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    drain.for_(SETTLES_IN, errors=0.5)
    assert drain.pace == pytest.approx(10)


def test_trouble_that_stays_brings_it_down_to_where_it_begins() -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    drain.for_(30, errors=0.5)
    assert drain.pace == 2


def test_an_unused_pace_does_not_grow() -> None:
    drain = Drain(a_rule(20), RAMP)
    for _ in range(30):
        drain.take(1)
        drain.now += 1
    assert drain.pace <= 3


def test_after_a_silence_it_begins_anew() -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    drain.now += FORGOTTEN_AFTER + 1
    assert drain.pace == 2


def test_without_the_ramp_the_pace_is_the_one_that_was_set() -> None:
    drain = Drain(a_rule(20, ramp=False), RAMP)
    assert drain.for_(10, errors=0.5) == pytest.approx(200, rel=0.03)


# --- the primary's rate limit


def test_while_the_primarys_rate_limit_holds_no_order_goes_whoever_asks() -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    assert drain.take(heard=Heard(calls=1, errors=1, rest=7)) == 0
    drain.now += 6.9
    assert drain.take(although_paused=True) == 0
    drain.now += 0.1
    assert drain.take() > 0


def test_the_pace_is_halved_by_each_limit_that_is_met() -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    before = drain.pace
    drain.take(heard=Heard(calls=1_000, errors=1, rest=7))
    drain.now += 7
    drain.take()
    assert drain.pace == before / 2


def test_a_limit_that_would_hold_for_days_is_tried_meanwhile() -> None:
    drain = Drain(a_rule(20), RAMP)
    assert drain.take(heard=Heard(calls=1, errors=1, rest=86_400)) == 0
    drain.now += LONGEST_REST
    assert drain.take() == 1


def test_a_limit_does_not_hold_for_longer_because_the_clock_went_back() -> None:
    drain = Drain(a_rule(20), RAMP)
    drain.take(heard=Heard(calls=1, errors=1, rest=7))
    drain.now -= 3_600
    drain.take()
    drain.now += 1
    assert drain.take() > 0


# --- the probe


def a_drain_whose_primary_went_down() -> Drain:
    drain = Drain(a_rule(20), RAMP)
    drain.for_(30)
    drain.take(heard=Heard(calls=5, errors=5, down=True))
    return drain


def test_while_the_primary_is_down_one_order_goes_alone() -> None:
    drain = a_drain_whose_primary_went_down()
    drain.now += REST - 0.1
    assert drain.take() == 0
    drain.now += 0.1
    assert [drain.take(), drain.take(), drain.take()] == [1, 0, 0]


def test_a_probe_that_fails_is_followed_by_another_after_a_rest() -> None:
    drain = a_drain_whose_primary_went_down()
    drain.now += REST
    assert drain.take() == 1
    assert drain.take(heard=Heard(calls=1, errors=1, finished=1)) == 0
    drain.now += REST
    assert [drain.take(), drain.take()] == [1, 0]


def test_a_probe_that_succeeds_opens_the_way_slowly() -> None:
    drain = a_drain_whose_primary_went_down()
    drain.now += REST
    drain.take()
    assert drain.take(heard=Heard(calls=3, seconds=0.1, finished=1)) == 0
    assert drain.pace == 2
    assert drain.for_(1) == 1


def test_a_probe_whose_worker_died_is_not_waited_for_for_ever() -> None:
    drain = a_drain_whose_primary_went_down()
    drain.now += REST
    drain.take()
    drain.now += PROBE_LASTS - 0.1
    assert drain.take() == 0
    drain.now += 0.1
    assert drain.take() == 1


def test_late_news_of_orders_from_before_end_no_rest() -> None:
    drain = a_drain_whose_primary_went_down()
    assert drain.take(heard=Heard(calls=6, seconds=0.1, finished=2)) == 0


def test_an_unused_probe_may_be_repeated_at_once() -> None:
    drain = a_drain_whose_primary_went_down()
    drain.now += REST
    drain.take()
    assert drain.take(heard=Heard(unused=1)) == 1


def test_many_workers_with_their_own_rhythm_share_one_pace() -> None:
    drain, random = Drain(a_rule(30, ramp=False)), Random(1)
    while drain.now < 1_060:
        drain.take(random.randint(0, 24))
        drain.now += random.random() * 0.05
    assert len(drain.went) == pytest.approx(1_800, rel=0.02)
    assert drain.most_in_a_window() <= 30 * WINDOW * 1.05
