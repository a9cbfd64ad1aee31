"""Decisions about the drain, its state, and the forecast of its end."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.outage.drain import DrainState, DrainStatus, PaceRequest, decided, status
from fallback.domain.outage.forecast import Curve, Waiting, curve, seconds_left
from fallback.domain.outage.mode import Mode
from fallback.domain.outage.pace import Bounds, Going, Heard, begin, look, take
from tests.builders import NOW
from tests.fakes.pace import UNBOUND, a_rule
from tests.refusals import refused

RAMP = Bounds(start=2, step=1, captures=10_000)
FIVE = Curve(5, 0, 5)
A_HUNDRED = Waiting(100)


# --- the forecast


def test_what_is_due_goes_at_the_pace() -> None:
    assert seconds_left(Waiting(1_000), FIVE) == 200


def test_an_empty_backlog_takes_no_time() -> None:
    assert seconds_left(Waiting(0), FIVE) == 0


def test_the_ramp_is_counted_in() -> None:
    """From 2 to 20 it climbs for 18 seconds, in which 198 go."""
    climbing = curve(begin(a_rule(20), RAMP, 0), a_rule(20), RAMP)
    assert seconds_left(Waiting(198), climbing) == pytest.approx(18)
    assert seconds_left(Waiting(398), climbing) == pytest.approx(28)
    assert seconds_left(Waiting(2), climbing) == pytest.approx(0.83, abs=0.01)


def test_the_curve_of_a_ramp_and_its_inverse_agree() -> None:
    climbing = Curve(3, 0.5, 8)
    assert [climbing.gone_by(seconds) for seconds in (0, 4, 10, 12)] == [0, 16, 55, 71]
    assert [climbing.takes(orders) for orders in (0, 16, 55, 71)] == [0, 4, 10, 12]


def test_workers_that_use_half_of_what_they_may_take_climb_half_as_fast() -> None:
    half = replace(begin(a_rule(20), RAMP, 0), used=0.5)
    assert curve(half, a_rule(20), RAMP) == Curve(1, 0.5, 10)
    assert curve(half, a_rule(20, ramp=False), RAMP) == Curve(10, 0.5, 10)


def test_the_forecast_includes_orders_that_become_due_later() -> None:
    assert seconds_left(Waiting(10, (60.0, 90.0)), FIVE) == pytest.approx(90.2)


def test_later_orders_wait_for_earlier_ones_in_the_forecast() -> None:
    assert seconds_left(Waiting(1_000, (60.0, 90.0)), FIVE) == pytest.approx(200.4)


def test_many_who_come_at_once_go_one_after_the_other() -> None:
    assert seconds_left(Waiting(0, (60.0,) * 50), FIVE) == pytest.approx(70)


def test_workers_that_do_not_reach_the_pace_are_believed() -> None:
    rule, going, now = a_rule(100, ramp=False), None, 0.0
    while now < 20:  # they have threads for thirty a second
        turn = take(going, rule, UNBOUND, Heard(calls=3), 3, now)
        going, now = turn.going, now + 0.1
    assert seconds_left(Waiting(900), curve(going, rule, UNBOUND)) == pytest.approx(30, rel=0.1)


@pytest.mark.parametrize("pace", [5, 20, 50])
@pytest.mark.parametrize("ramp", [True, False])
@pytest.mark.parametrize("asked_after", [0, 10, 40])
def test_the_forecast_is_right_within_a_fifth(pace: float, ramp: bool, asked_after: int) -> None:
    """A thousand orders, of which fifty come a minute later, and workers that ask thirty times a second."""
    rule, going, now, left, later = a_rule(pace, ramp=ramp), None, 0.0, 950, 60.0
    forecast = over_at = None
    while over_at is None:
        if now >= asked_after and forecast is None:
            waiting = Waiting(left, (later - now,) * 50)
            forecast = now + seconds_left(waiting, curve(look(going, rule, RAMP, now), rule, RAMP))
        if later <= now and later:
            left, later = left + 50, 0.0
        turn = take(going, rule, RAMP, Heard(calls=1, seconds=0.05), left, now)
        going, left, now = turn.going, left - turn.orders, now + 0.033
        over_at = now if not left and not later else None
    assert forecast is not None
    assert forecast - asked_after == pytest.approx(over_at - asked_after, rel=0.2)


# --- how it stands


def stands(
    mode: Mode = Mode.DRAINING, waiting: Waiting = A_HUNDRED, going: Going | None = None, **rule: object
) -> DrainStatus:
    told = a_rule(5, ramp=False, **rule)
    return status(mode, told, going or begin(told, RAMP, 0), RAMP, waiting, NOW)


def test_a_drain_that_goes_says_when_it_is_over() -> None:
    now = stands()
    assert (now.state, now.pace, now.due) == (DrainState.GOING, 5, 100)
    assert now.over_at == NOW + timedelta(seconds=20)
    assert stands(going=replace(begin(a_rule(5), RAMP, 0), usual=0.25)).latency == 0.25


def test_in_active_mode_it_is_held_and_says_how_long_it_would_take() -> None:
    now = stands(Mode.ACTIVE)
    assert (now.state, now.seconds_left) == (DrainState.HELD, 20)


def test_the_drain_reports_that_it_is_paused() -> None:
    assert stands(paused=True).state is DrainState.PAUSED


def test_while_the_primary_is_down_nobody_can_say_when_it_is_over() -> None:
    down = replace(begin(a_rule(5), RAMP, 0), probe_at=3.0)
    now = stands(going=down)
    assert (now.state, now.seconds_left, now.over_at) == (DrainState.PROBING, None, None)


def test_orders_that_wait_for_people_are_not_counted_in_the_forecast() -> None:
    now = stands(waiting=Waiting(0, (), on_hold=7, unpaid=3))
    assert (now.state, now.seconds_left, now.on_hold, now.unpaid) == (DrainState.DONE, 0, 7, 3)


# --- what a person decides


def test_a_decision_has_who_when_and_why_and_changes_what_it_names() -> None:
    before = a_rule(20, paused=True)
    after = decided(before, PaceRequest("  the shop\nis well ", pace=5, paused=False), "Ada", NOW + timedelta(hours=1))
    assert after == replace(
        before, pace=5, paused=False, who="Ada", why="the shop is well", at=NOW + timedelta(hours=1)
    )


@pytest.mark.parametrize(
    ("requested", "field", "code", "detail"),
    [
        (PaceRequest(" "), "why", "empty", "Please write something."),
        (PaceRequest("x" * 301), "why", "too_long", "At most 300 characters."),
        (PaceRequest("4242 4242\n4242 4242"), "why", "card_number", "Please leave card numbers out."),
        (PaceRequest("faster", pace=10_001), "pace", "out_of_range", "From 0.01 to 10000 orders per second."),
        (PaceRequest("stop", pace=0), "pace", "out_of_range", "From 0.01 to 10000 orders per second."),
        (PaceRequest("what", pace=float("nan")), "pace", "out_of_range", "From 0.01 to 10000 orders per second."),
    ],
)
def test_a_decision_without_a_reason_or_out_of_range_is_refused(
    requested: PaceRequest, field: str, code: str, detail: str
) -> None:
    with refused(field, code, detail):
        decided(a_rule(), requested, "Ada", NOW)


@pytest.mark.parametrize(
    "requested", [PaceRequest("x" * 300), PaceRequest("slow", pace=0.01), PaceRequest("fast", pace=10_000)]
)
def test_what_is_just_in_range_is_taken(requested: PaceRequest) -> None:
    assert decided(a_rule(), requested, "Ada", NOW).why == requested.why
