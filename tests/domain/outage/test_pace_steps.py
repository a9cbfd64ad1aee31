"""The pace step by step, in numbers: what a worker reports, and the new pace."""

from __future__ import annotations

from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.outage.pace import NOTHING, REST, Bounds, Going, Heard, Turn, take
from tests.fakes.pace import a_rule

RAMP = Bounds(start=2, step=1, captures=10_000)
NOW = 1_000.0
# It went well for a second at ten a second, and all that was given went.
WENT = Going(pace=10.0, counted_at=NOW, judged_at=NOW - 1, given_at=NOW, tokens=0.0, given=10, usual=0.1)
JUST_JUDGED = replace(WENT, judged_at=NOW, given=0)


def turn(going: Going, heard: Heard = NOTHING, most: int = 100, now: float = NOW, **rule: Any) -> Turn:
    return take(going, a_rule(20, **rule), RAMP, heard, most, now)


def step(going: Going, heard: Heard = NOTHING, **rule: Any) -> Going:
    return turn(going, heard, 0, **rule).going


def test_what_two_workers_heard_is_added_up() -> None:
    both = Heard(10, 1, 2.0, 3, 4, True) + Heard(20, 2, 1.0, 5, 6, False)
    assert both == Heard(30, 3, 3.0, 8, 10, True)
    assert not (NOTHING + NOTHING).down


# --- up and down


def test_a_used_second_raises_the_pace_by_one_step_and_resets_the_counts() -> None:
    went = replace(WENT, heard=Heard(30, 1, 3.0))
    assert step(went) == replace(
        went, pace=11.0, judged_at=NOW, given=0, heard=NOTHING, settling=False, usual=0.1, used=1.0, errors=1
    )


@pytest.mark.parametrize(("given", "pace"), [(5, 11.0), (4, 10.0)])
def test_the_pace_does_not_grow_while_less_than_half_of_it_is_used(given: int, pace: float) -> None:
    assert step(replace(WENT, given=given)).pace == pace
    in_two_seconds = replace(WENT, judged_at=NOW - 2, given=2 * given)
    assert step(in_two_seconds).pace == (12.0 if pace > 10 else 10.0)


@pytest.mark.parametrize(("elapsed", "pace"), [(0.9, 10.0), (1.0, 11.0), (2.0, 12.0), (5.0, 12.0)])
def test_a_step_is_taken_each_second_and_no_large_one_for_a_long_silence(elapsed: float, pace: float) -> None:
    assert step(replace(WENT, judged_at=NOW - elapsed, given=100)).pace == pace


def test_the_pace_that_was_set_is_never_exceeded() -> None:
    assert step(replace(WENT, pace=19.5, given=20)).pace == 20.0


@pytest.mark.parametrize(
    ("heard", "halved"),
    [
        (Heard(20, 1), False),
        (Heard(20, 2), True),
        (Heard(10, 0, 2.04), False),  # as this second counts in what is usual, by a fiftieth
        (Heard(10, 0, 2.05), True),
        (Heard(9, 0, 9.0), False),  # so few say nothing
        (Heard(10, 0, 9.0), True),
    ],
)
def test_failures_and_long_calls_halve_it(heard: Heard, halved: bool) -> None:
    judged = step(replace(WENT, heard=heard))
    assert (judged.pace, judged.settling) == ((5.0, True) if halved else (11.0, False))


@pytest.mark.parametrize(("seconds", "halved"), [(1.12, False), (1.13, True)])
def test_calls_that_are_quick_as_a_rule_may_take_a_tenth_of_a_second_more(seconds: float, halved: bool) -> None:
    quick = replace(WENT, usual=0.01, heard=Heard(10, 0, seconds))
    assert step(quick).settling is halved


def test_the_pace_falls_to_its_starting_value_and_settles_for_three_seconds() -> None:
    assert step(replace(WENT, pace=3.0, heard=Heard(10, 10))).pace == 2.0
    settling = replace(WENT, settling=True, heard=Heard(10, 10))
    assert step(replace(settling, judged_at=NOW - 2.9)).settling
    settled = step(replace(settling, judged_at=NOW - 3))
    assert (settled.pace, settled.settling) == (10.0, False)


@pytest.mark.parametrize(
    ("usual", "heard", "now_usual"),
    [
        (None, Heard(9, 0, 0.9), None),
        (None, Heard(10, 0, 1.0), 0.1),
        (0.1, Heard(9, 0, 9.0), 0.1),
        (0.1, Heard(10, 0, 1.5), 0.101),
        (0.1, Heard(10, 0, 0.5), 0.09),
    ],
)
def test_the_usual_response_time_adapts_slowly_and_faster_when_calls_get_faster(
    usual: float | None, heard: Heard, now_usual: float | None
) -> None:
    assert step(replace(WENT, usual=usual, heard=heard)).usual == pytest.approx(now_usual)


@pytest.mark.parametrize(
    ("going", "used"),
    [
        ({"given": 4}, 0.8),
        ({"given": 20}, 1.0),
        ({"given": 0}, 1.0),
        ({"given": 4, "heard": Heard(unused=1)}, 1.0),
        ({"given": 8, "judged_at": NOW - 2}, 0.8),
    ],
)
def test_which_share_of_the_pace_workers_reach_is_learned_in_thirds(going: dict[str, Any], used: float) -> None:
    assert step(replace(WENT, **going)).used == pytest.approx(used)


# --- down


def test_a_planned_probe_is_not_put_off_by_every_worker_that_finds_the_shop_down() -> None:
    going = step(WENT, Heard(down=True))
    for second in range(1, 30):
        going = turn(going, Heard(down=True), 0, NOW + second).going
    back = turn(going, most=5, now=NOW + 30)
    assert (back.orders, back.going.probing) == (1, True)


def test_a_probe_that_finds_the_shop_down_is_followed_by_a_rest() -> None:
    probing = turn(step(WENT, Heard(down=True)), now=NOW + REST).going
    failed = turn(probing, Heard(down=True), now=NOW + REST + 1)
    assert (failed.orders, failed.wait) == (0, REST)


# --- room


@pytest.mark.parametrize(("pace", "tokens"), [(20.0, 4.0), (4.0, 1.6), (3.9, 1.0), (1.0, 1.0)])
def test_a_moment_is_made_up_for_where_the_pace_is_not_one_by_one(pace: float, tokens: float) -> None:
    idle = replace(JUST_JUDGED, pace=pace, tokens=1.0, counted_at=NOW - 1)
    assert step(idle).tokens == pytest.approx(tokens)


def test_a_turn_allows_as_many_orders_as_the_pace_has_room_for() -> None:
    three = replace(JUST_JUDGED, tokens=2.5)
    went = turn(three)
    assert (went.orders, went.wait, went.going.tokens, went.going.given) == (2, 0.0, 0.5, 2)
    assert turn(three, most=1).orders == 1
    assert turn(replace(three, given_at=NOW - 5)).going.given_at == NOW
    paused = turn(three, paused=True)
    assert (paused.orders, paused.wait, paused.paused, went.paused) == (0, 1.0, True, False)
    none = turn(replace(JUST_JUDGED, tokens=0.5, given_at=NOW - 1))
    assert (none.orders, none.wait, none.going.given_at) == (0, 0.05, NOW - 1)


def test_room_that_was_not_used_is_given_back() -> None:
    back = step(replace(JUST_JUDGED, given=5), Heard(unused=2))
    assert (back.tokens, back.given, back.probe_at) == (2.0, 3, None)
    assert step(replace(JUST_JUDGED, given=1), Heard(unused=2)).given == 0


def test_after_a_minute_without_an_order_it_begins_anew() -> None:
    long_ago = replace(WENT, given_at=NOW - 60, heard=Heard(10, 9), used=0.3, judged_at=NOW)
    assert step(long_ago).pace == 10.0
    anew = step(replace(long_ago, given_at=NOW - 60.1, judged_at=NOW - 30))
    assert (anew.pace, anew.judged_at, anew.given, anew.heard, anew.used) == (2.0, NOW, 0, NOTHING, 1.0)


def test_what_is_heard_after_a_minute_of_silence_is_judged_a_second_later() -> None:
    long_ago = replace(WENT, given_at=NOW - 60.1, judged_at=NOW - 30, tokens=1.0)
    anew = turn(long_ago, Heard(10, 9)).going
    assert (anew.judged_at, anew.heard, anew.settling, anew.errors) == (NOW, Heard(10, 9), False, 0)
    judged = turn(anew, now=NOW + 1).going
    assert (judged.settling, judged.errors) == (True, 9)


# --- while it is down

DOWN = replace(JUST_JUDGED, pace=2.0, probe_at=NOW, tokens=0.0)
PROBING = replace(DOWN, probe_at=NOW + 30, probing=True, tokens=0.5)


def test_a_breaker_that_opens_or_a_probe_that_fails_rests_for_three_seconds() -> None:
    for going, heard in ((replace(JUST_JUDGED, tokens=3.0), Heard(down=True)), (PROBING, Heard(1, 1))):
        rests = step(going, heard)
        assert (rests.pace, rests.tokens, rests.probe_at, rests.probing) == (2.0, 0.0, NOW + 3.0, False)


def test_one_order_probes_whether_the_shop_is_back() -> None:
    probe = turn(DOWN, most=5)
    assert (probe.orders, probe.wait) == (1, 0.0)
    assert (probe.going.tokens, probe.going.given, probe.going.probe_at) == (0.0, 1, NOW + 30.0)
    assert probe.going.probing
    assert turn(DOWN, most=1).orders == 1


@pytest.mark.parametrize(("at", "most", "wait"), [(NOW + 2, 5, 2.0), (NOW - 2, 0, 0.0)])
def test_no_probe_is_made_before_its_time_or_without_an_order(at: float, most: int, wait: float) -> None:
    assert turn(replace(DOWN, probe_at=at), most=most)[1:3] == (0, wait)


def test_what_a_probe_finds_opens_the_way_or_lets_another_go_at_once() -> None:
    found = step(PROBING, Heard(1, 0, 0.1, finished=1))
    assert (found.tokens, found.probe_at, found.probing) == (0.0, None, False)
    assert step(PROBING).probe_at == NOW + 30
    nothing_to_send = step(PROBING, Heard(unused=1))
    assert (nothing_to_send.probe_at, nothing_to_send.probing) == (NOW, False)
