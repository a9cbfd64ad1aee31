"""The pace, in memory and in Redis; its rules are tested in tests/domain/outage/test_pace.py."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from time import monotonic, sleep
from typing import cast

import pytest

from fallback.domain.errors import Conflict
from fallback.domain.outage.pace import Heard, Pace
from fallback.ledger.outage.pace import RedisPace
from fallback.ledger.redis import keys
from tests.fakes.pace import UNBOUND, FakePace, a_rule
from tests.redis_server import RedisServer


@pytest.fixture(params=["fake", "redis"])
def pace(request: pytest.FixtureRequest) -> Pace:
    of_settings = a_rule(20, ramp=False, who="setup")
    if request.param == "fake":
        return FakePace(of_settings)
    server: RedisServer = request.getfixturevalue("redis_server")
    return RedisPace(server.client, UNBOUND, of_settings)


def test_until_somebody_decides_the_settings_hold(pace: Pace) -> None:
    assert pace.rule().who == "setup"
    assert pace.decided() == []


def test_the_last_decision_about_the_pace_counts_and_all_are_logged(pace: Pace) -> None:
    first, second = a_rule(5, why="begin gently"), a_rule(5, paused=True, why="the shop's disk is full")
    pace.decide(first)
    pace.decide(second)
    assert pace.rule() == second
    assert pace.decided() == [second, first]


def test_a_decision_instead_of_another_rule_than_the_present_one_is_not_made(pace: Pace) -> None:
    of_settings, first, second = pace.rule(), a_rule(5, why="begin gently"), a_rule(5, paused=True)
    pace.decide(first, instead_of=of_settings)
    with pytest.raises(Conflict):
        pace.decide(second, instead_of=of_settings)
    assert pace.decided() == [first]
    pace.decide(second, instead_of=first)
    assert pace.decided() == [second, first]


def meanwhile(pace: RedisPace, decide: Callable[[], None]) -> None:
    """After it looked and before it writes."""
    look = pace._newest

    def looked() -> bytes | None:
        seen = look()
        pace._newest = look  # type: ignore[method-assign]
        decide()
        return seen

    pace._newest = looked  # type: ignore[method-assign]


def test_of_two_decisions_instead_of_the_same_rule_the_first_is_made(redis_server: RedisServer) -> None:
    """Also when both have looked before either writes."""
    of_settings, pause = a_rule(20), a_rule(20, paused=True)
    ours, theirs = (RedisPace(redis_server.client, UNBOUND, of_settings) for _ in range(2))
    meanwhile(ours, lambda: theirs.decide(pause, instead_of=of_settings))
    with pytest.raises(Conflict):
        ours.decide(a_rule(5), instead_of=of_settings)
    assert ours.decided() == [pause]


def test_a_decision_that_was_written_before_its_answer_was_lost_is_no_conflict(redis_server: RedisServer) -> None:
    of_settings, pause = a_rule(20), a_rule(20, paused=True)
    pace = RedisPace(redis_server.client, UNBOUND, of_settings)
    meanwhile(pace, lambda: pace.decide(pause, instead_of=of_settings))
    pace.decide(pause, instead_of=of_settings)
    assert pace.decided() == [pause]


def test_it_begins_with_one_order(pace: Pace) -> None:
    """The next one comes after 100 seconds: longer than any machine stands still between these two calls."""
    pace.decide(a_rule(0.01, ramp=False))
    assert pace.take(24).orders == 1
    turn = pace.take(24)
    assert (turn.orders, turn.paused) == (0, False)
    assert 0 < turn.wait <= 1 / 0.01


def test_workers_share_the_pace_and_never_get_the_same_turn(pace: Pace) -> None:
    pace.decide(a_rule(0.01, ramp=False))
    with ThreadPoolExecutor(8) as workers:
        assert sum(turn.orders for turn in workers.map(pace.take, [1] * 8)) == 1


def test_a_pause_stops_all_workers(pace: Pace) -> None:
    pace.decide(a_rule(20, paused=True))
    turn = pace.take(24)
    assert (turn.orders, turn.paused) == (0, True)
    assert pace.take(1, although_paused=True).orders == 1


def test_an_outage_that_one_worker_reports_slows_down_all_workers(pace: Pace) -> None:
    pace.take(0, Heard(down=True))
    assert pace.going().probe_at is not None
    turn = pace.take(24)
    assert turn.orders == 0 or (turn.orders, turn.going.probing) == (1, True)


def test_workers_together_do_not_exceed_it(pace: Pace) -> None:
    pace.decide(a_rule(200, ramp=False))
    began = monotonic()

    def work(_: int) -> int:
        taken = 0
        while monotonic() < began + 1:
            turn = pace.take(24)
            taken += turn.orders
            sleep(turn.wait)  # as a shift does
        return taken

    with ThreadPoolExecutor(4) as workers:
        taken = sum(workers.map(work, range(4)))
    assert taken <= 200 * (monotonic() - began) * 1.05 + 1


# --- in Redis


def test_after_a_restart_of_redis_no_more_go_than_before(mortal_redis: RedisServer) -> None:
    pace = RedisPace(mortal_redis.client, UNBOUND, a_rule(0.01, ramp=False))
    assert pace.take(24).orders == 1
    mortal_redis.kill()
    mortal_redis.start()
    assert pace.take(24).orders == 0


def test_when_redis_has_forgotten_it_one_goes_not_a_burst(redis_server: RedisServer) -> None:
    pace = RedisPace(redis_server.client, UNBOUND, a_rule(100, ramp=False))
    pace.take(24)
    redis_server.client.delete(keys.PACE_GOING)
    assert pace.take(24).orders == 1


def test_the_watch_of_the_pace_is_that_of_redis(redis_server: RedisServer) -> None:
    def now() -> float:
        seconds, microseconds = cast(tuple[int, int], redis_server.client.time())
        return seconds + microseconds / 1e6

    pace = RedisPace(redis_server.client, UNBOUND, a_rule())
    moments = [now(), *(pace._read()[1] for _ in range(20)), now()]
    assert moments == sorted(moments)
