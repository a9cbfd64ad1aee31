from __future__ import annotations

from datetime import datetime, timedelta
from random import Random

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.retries import BASE, LONGEST, POISON_AFTER, UNAVAILABLE, after_lost, backoff, is_poison, when_back
from tests.builders import NOW

tries = st.integers(0, 10_000)
seeds = st.builds(Random, st.integers())


class Loaded(Random):
    """Dice that always fall the same way."""

    def __init__(self, value: float) -> None:
        self.value = value

    def random(self) -> float:
        return self.value


LAST = Loaded(0.999_999)
FIRST = Loaded(0.0)


def wait(until: datetime) -> timedelta:
    return until - NOW


@given(tries, seeds)
def test_a_try_comes_back_after_a_second_at_least_and_ten_minutes_at_most(tries: int, random: Random) -> None:
    assert BASE <= wait(backoff(tries, NOW, random)) <= LONGEST


@given(tries)
def test_each_try_may_wait_as_long_as_the_one_before_or_longer(tries: int) -> None:
    assert backoff(tries, NOW, LAST) <= backoff(tries + 1, NOW, LAST)


@pytest.mark.parametrize(("tries", "seconds"), [(1, 2), (2, 4), (3, 8), (9, 512), (10, 600), (11, 600)])
def test_the_longest_wait_doubles_up_to_ten_minutes(tries: int, seconds: int) -> None:
    assert wait(backoff(tries, NOW, LAST)).total_seconds() == pytest.approx(seconds, abs=0.01)
    assert wait(backoff(tries, NOW, FIRST)) == BASE


@given(seeds)
def test_a_side_that_is_down_is_looked_at_again_soon(random: Random) -> None:
    shortest, longest = UNAVAILABLE
    assert shortest <= wait(when_back(NOW, random)) <= longest


@given(st.floats(0, 1e12), seeds)
def test_a_retry_after_is_honoured_up_to_ten_minutes(asked: float, random: Random) -> None:
    waited = wait(when_back(NOW, random, asked))
    assert waited >= min(timedelta(seconds=min(asked, 1e6)), LONGEST)
    assert waited <= LONGEST + UNAVAILABLE[1]


def test_orders_that_were_told_the_same_do_not_come_back_together() -> None:
    random = Random(1)
    assert len({when_back(NOW, random, 60) for _ in range(100)}) == 100
    assert len({backoff(5, NOW, random) for _ in range(100)}) == 100


def test_being_kept_back_by_a_rate_limit_counts_as_no_try() -> None:
    assert after_lost(5, NOW, FIRST, None) == (NOW + BASE, 5)
    assert after_lost(5, NOW, FIRST, 60) == (NOW + timedelta(seconds=60) + UNAVAILABLE[0], 0)


def test_a_step_is_poison_once_it_began_too_often() -> None:
    assert [is_poison(tries) for tries in (0, 1, POISON_AFTER - 1, POISON_AFTER, POISON_AFTER + 1)] == [
        False,
        False,
        False,
        True,
        True,
    ]
