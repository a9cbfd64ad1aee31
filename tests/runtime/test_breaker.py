"""A service that is down costs one call each few seconds, whatever the number of orders that wait for it."""

from __future__ import annotations

from collections.abc import Callable
from concurrent.futures import ThreadPoolExecutor
from contextlib import suppress
from datetime import UTC, datetime, timedelta
from threading import Barrier, Event
from typing import NoReturn

import pytest
import time_machine

from fallback.domain.errors import OutcomeUnknown, Refused, TooLate, TryAgain
from fallback.runtime.breaker import Breaker, KeptAway

FAILURES, REST = 5, 3.0
NOW = datetime(2026, 11, 21, 10, tzinfo=UTC)
RESTED = timedelta(seconds=REST + 0.1)


def down() -> NoReturn:
    raise TryAgain("down")


def lost() -> NoReturn:
    raise OutcomeUnknown("lost")


def held_back() -> NoReturn:
    raise TooLate("late")


def refused() -> NoReturn:
    raise Refused("out_of_stock")


def not_to_be_called() -> NoReturn:
    raise AssertionError("the service was called")


def a_breaker() -> Breaker:
    return Breaker("the shop", FAILURES, REST, lambda error: isinstance(error, TryAgain | OutcomeUnknown))


def opened() -> Breaker:
    breaker = a_breaker()
    for call in [down, lost] * FAILURES:
        if breaker.closed:
            with pytest.raises((TryAgain, OutcomeUnknown)):
                breaker.call(call)
    return breaker


def test_calls_that_fail_in_a_row_open_it() -> None:
    breaker = a_breaker()
    for _ in range(FAILURES - 1):
        with pytest.raises(OutcomeUnknown):
            breaker.call(lost)
    assert breaker.closed

    with pytest.raises(TryAgain):
        breaker.call(down)

    assert not breaker.closed


@pytest.mark.parametrize("answer", [lambda: "answer", refused])
def test_an_answer_starts_the_count_anew_even_if_it_is_a_no(answer: Callable[[], str]) -> None:
    breaker = a_breaker()
    for _ in range(FAILURES * 2):
        with pytest.raises(TryAgain):
            breaker.call(down)
        with suppress(Refused):
            breaker.call(answer)

    assert breaker.closed


def test_a_call_that_the_open_breaker_refused_does_not_count_as_a_failure() -> None:
    breaker = a_breaker()
    for call in [*[down, held_back] * (FAILURES - 1), held_back]:
        with pytest.raises(TryAgain):
            breaker.call(call)
    assert breaker.closed

    with pytest.raises(TryAgain):
        breaker.call(down)

    assert not breaker.closed


def test_after_its_rest_a_call_that_we_held_back_does_not_close_it() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        breaker = opened()
        clock.shift(RESTED)

        with pytest.raises(TooLate):
            breaker.call(held_back)

        assert not breaker.closed


@time_machine.travel(NOW, tick=False)
def test_while_it_rests_nobody_calls_and_everybody_hears_how_long() -> None:
    breaker = opened()

    with pytest.raises(KeptAway) as refusal:
        breaker.call(not_to_be_called)

    assert (refusal.value.after, breaker.rested) == (REST, False)


def test_after_its_rest_one_good_call_closes_it() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        breaker = opened()
        clock.shift(RESTED)

        assert (breaker.closed, breaker.rested) == (False, True)
        assert breaker.call(lambda: "back") == "back"
        assert breaker.closed


def test_after_its_rest_one_bad_call_lets_it_rest_again() -> None:
    with time_machine.travel(NOW, tick=False) as clock:
        breaker = opened()
        clock.shift(RESTED)

        with pytest.raises(TryAgain, match="down"):
            breaker.call(down)
        with pytest.raises(KeptAway, match="in a row"):
            breaker.call(not_to_be_called)


def test_one_call_at_a_time_finds_out_whether_the_service_is_back() -> None:
    with time_machine.travel(NOW, tick=False) as clock, ThreadPoolExecutor(1) as other:
        breaker = opened()
        clock.shift(RESTED)
        asked, answered = Event(), Event()

        def slow_answer() -> str:
            asked.set()
            assert answered.wait(5)
            return "back"

        probe = other.submit(breaker.call, slow_answer)
        assert asked.wait(5)
        with pytest.raises(KeptAway, match="another call"):
            breaker.call(not_to_be_called)
        answered.set()

        assert probe.result(5) == "back"
        assert breaker.closed


def test_calls_run_side_by_side() -> None:
    breaker, together = a_breaker(), Barrier(8, timeout=5)

    with ThreadPoolExecutor(8) as threads:
        arrived = list(threads.map(lambda _: breaker.call(together.wait), range(8)))

    assert sorted(arrived) == list(range(8))
