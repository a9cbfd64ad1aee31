"""A shop that limits how often it may be called is well: it is left alone for as long as it says, and no longer."""

from __future__ import annotations

from collections.abc import Callable

import pytest

from fallback.domain.errors import AT_LEAST, OutcomeUnknown, RateLimited
from fallback.primaries.calls import FAILURES, Calls, Saga


class Patient(Calls):
    """Their clock goes on only while somebody sleeps."""

    def __init__(self, waits: float = 0.0) -> None:
        self.now = 1_000.0
        super().__init__(clock=lambda: self.now, sleep=self.passes, waits=waits)

    def passes(self, seconds: float) -> None:
        self.now += seconds


class Shop:
    """Answers, and turns away the calls whose numbers are in `over`."""

    def __init__(self, *over: int, after: float = 4.0) -> None:
        self.calls = 0
        self._over, self._after = over, after

    def answer(self, *_: object) -> int:
        self.calls += 1
        if self.calls in self._over:
            raise RateLimited("429", self._after)
        return self.calls


def limited(act: Callable[[], object]) -> float:
    with pytest.raises(RateLimited) as told:
        act()
    return told.value.after


def test_no_call_of_anyone_leaves_before_its_time() -> None:
    calls, shop = Patient(), Shop(1)
    assert limited(lambda: calls.write(shop.answer)) == 4

    calls.passes(3)
    assert limited(lambda: calls.read(shop.answer)) == 1
    assert shop.calls == 1

    calls.passes(1)
    assert calls.read(shop.answer) == 2


def test_a_shop_that_limits_calls_is_not_taken_for_one_that_is_down() -> None:
    calls = Patient()
    for _ in range(2 * FAILURES):
        limited(lambda: calls.write(Shop(1, after=0).answer))

    assert calls.available


def test_a_change_that_has_begun_waits_and_goes_on() -> None:
    calls, shop = Patient(), Shop(2, 3)
    saga, began = Saga(calls), calls.now

    assert [saga.write(shop.answer), saga.write(shop.answer), saga.read(shop.answer)] == [1, 4, 5]
    assert calls.now == began + 8


def test_a_change_that_has_not_begun_leaves_its_worker_to_others() -> None:
    calls = Patient()
    began = calls.now

    assert limited(lambda: Saga(calls).write(Shop(1).answer)) == 4
    assert calls.now == began


def test_a_change_whose_time_would_be_over_goes_on_with_the_next_attempt() -> None:
    calls = Patient()
    saga, shop = Saga(calls), Shop(2, after=calls.budget)
    saga.write(shop.answer)

    with pytest.raises(OutcomeUnknown) as told:
        saga.write(shop.answer)
    assert told.value.after == calls.budget


def test_where_a_person_waits_a_call_waits_too() -> None:
    calls = Patient(waits=60)

    assert (calls.write(Shop(1, 2).answer), calls.read(Shop(1).answer)) == (3, 2)
    assert limited(lambda: calls.write(Shop(1, after=61).answer)) == 61


def test_a_limit_that_says_at_once_is_not_asked_at_once_for_ever() -> None:
    calls = Patient(waits=60)

    assert limited(lambda: calls.write(Shop(*range(1, 1_000), after=0).answer)) == AT_LEAST
    assert calls.now <= 1_000 + 60
