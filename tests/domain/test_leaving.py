"""What is sent in the name of an attempt leaves before its time, or not at all."""

from __future__ import annotations

from concurrent.futures import ThreadPoolExecutor
from datetime import datetime, timedelta

import pytest

from fallback.domain.call_deadline import leaving_by, may_leave
from fallback.domain.errors import TooLate, TryAgain
from tests.builders import NOW


def at(now: datetime) -> None:
    """A call that was to leave before NOW, and is about to leave `now`."""
    with leaving_by(NOW, lambda: now):
        may_leave()


def test_a_call_in_time_leaves() -> None:
    at(NOW - timedelta(microseconds=1))


@pytest.mark.parametrize("late", [timedelta(0), timedelta(minutes=1)])
def test_a_late_call_is_held_back_so_nothing_was_sent(late: timedelta) -> None:
    with pytest.raises(TooLate) as held_back:
        at(NOW + late)
    assert isinstance(held_back.value, TryAgain)
    assert str(held_back.value) == "the call was to leave earlier"


def test_the_limit_is_that_call_s_alone() -> None:
    with leaving_by(NOW, lambda: NOW):
        with leaving_by(NOW + timedelta(seconds=1), lambda: NOW):
            may_leave()
        with ThreadPoolExecutor(1) as another:
            another.submit(may_leave).result()
        with pytest.raises(TooLate):
            may_leave()
    may_leave()
