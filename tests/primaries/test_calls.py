"""What a change of many calls may take: a slow shop on a clock that only its calls move."""

from __future__ import annotations

from collections.abc import Callable
from contextlib import suppress

import pytest

from fallback.domain.errors import OutcomeUnknown, TryAgain
from fallback.domain.order.patience import LEAVES_WITHIN, PATIENCE
from fallback.primaries.calls import Calls, Saga

STEPS = 13


class SlowShop:
    """Each call takes `seconds`, and each step is done once, whoever asks for it."""

    def __init__(self, seconds: float) -> None:
        self.seconds, self.now, self.done, self.asked = seconds, 1000.0, 0, 0

    def clock(self) -> float:
        return self.now

    def look(self, left: float) -> int:
        self.asked += 1
        self.now += min(self.seconds, left)
        return self.done

    def step(self) -> None:
        self.now += self.seconds
        self.done += 1

    def change(self) -> None:
        """A worker's attempt: it looks how far the change came, and goes on from there."""
        saga = Saga(Calls(clock=self.clock))
        for _ in range(saga.read(self.look), STEPS):
            saga.write(self.step)


def attempts(shop: SlowShop) -> list[float]:
    """Seconds of each, until one ends the change."""
    took = []
    while shop.done < STEPS:
        began = shop.now
        with suppress(OutcomeUnknown):
            shop.change()
        took.append(shop.now - began)
    return took


def test_thirteen_calls_of_four_seconds_are_spread_over_attempts_that_end_in_time() -> None:
    took = attempts(SlowShop(4.0))

    assert len(took) == 5
    assert max(took) < PATIENCE.total_seconds()


def test_calls_of_nine_seconds_keep_a_worker_for_two_of_them_and_the_change_is_made() -> None:
    shop = SlowShop(9.0)

    assert attempts(shop) == [18.0] * STEPS


def test_a_shop_that_is_quick_is_asked_once() -> None:
    assert len(attempts(SlowShop(0.5))) == 1


def spent(then: Callable[[Saga], object], shop: SlowShop) -> None:
    """What a saga does after it has asked until its time was over."""
    saga = Saga(Calls(clock=shop.clock))
    while True:
        saga.read(shop.look)
        if shop.now - 1000.0 >= LEAVES_WITHIN.total_seconds():
            break
    then(saga)


def test_what_has_not_begun_may_be_tried_again() -> None:
    shop = SlowShop(9.0)

    with pytest.raises(TryAgain, match="2 calls"):
        spent(lambda saga: saga.write(shop.step), shop)

    assert shop.done == 0


def test_nothing_is_asked_either_when_the_time_is_over() -> None:
    shop = SlowShop(9.0)

    with pytest.raises(TryAgain):
        spent(lambda saga: saga.read(shop.look), shop)

    assert shop.asked == 2


def test_the_last_call_may_begin_as_late_as_its_attempt_allows_and_has_its_deadline_then() -> None:
    calls = Calls()

    assert calls.budget == LEAVES_WITHIN.total_seconds()
    assert calls.budget + calls.deadline < PATIENCE.total_seconds()
