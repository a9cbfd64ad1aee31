"""Other requests to the shop take turns with the drain, and stop while it is paused."""

from __future__ import annotations

import pytest

from fallback.domain.errors import TryAgain
from fallback.domain.outage.beside import beside
from tests.builders import NOW
from tests.fakes.pace import UNBOUND, FakePace, a_rule
from tests.fakes.primary import FakePrimary


def test_each_question_and_each_page_of_a_list_is_one_turn() -> None:
    pace, slept = FakePace(a_rule(5, ramp=False), UNBOUND, seconds=lambda: 1_000.0), list[float]()

    def sleep(seconds: float) -> None:
        slept.append(seconds)
        pace.ahead += seconds

    with beside(FakePrimary(), pace, sleep, False) as asked:
        for _ in range(6):
            asked.find("FB-1")
        list(asked.placed_since(NOW))
    assert sum(slept) == pytest.approx(6 / 5, abs=0.1)
    assert sum(heard.finished for heard in pace.heard) == 7
    assert sum(heard.calls for heard in pace.heard) == 6


@pytest.mark.parametrize("although_paused", [True, False])
def test_while_the_drain_is_paused_only_a_person_asks(although_paused: bool) -> None:
    pace = FakePace(a_rule(5, paused=True, ramp=False), UNBOUND, seconds=lambda: 1_000.0)
    with beside(FakePrimary(), pace, lambda _: None, although_paused) as asked:
        if although_paused:
            assert asked.find("FB-1") is None
            return
        with pytest.raises(TryAgain, match=r"^The drain is paused\.$"):
            asked.find("FB-1")
