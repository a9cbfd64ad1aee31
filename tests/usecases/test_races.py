"""Several actors on one order at the same time, in any order: the promises hold."""

from __future__ import annotations

from itertools import combinations_with_replacement
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.order import Order
from tests.fakes.ledger import FakeLedger
from tests.usecases.races import ACTS, STARTS
from tests.usecases.schedules import Schedule, drawn, play

PLACES = "worker works on the placement"
CANCELS = "customer cancels"
# As many as few seconds allow; ops/bench plays many more.
DRAWN = 1_500
PARTS = 6


@pytest.mark.parametrize("start", STARTS)
def test_two_at_the_same_moment_keep_the_promises(start: str) -> None:
    pairs = combinations_with_replacement(ACTS, 2)
    assert broken_in([Schedule(start, pair, seed) for seed, pair in enumerate(pairs)]) == {}


@pytest.mark.parametrize("part", range(PARTS))
def test_several_at_the_same_moment_keep_the_promises(part: int) -> None:
    assert broken_in([drawn(number) for number in range(part, DRAWN, PARTS)]) == {}


@pytest.mark.parametrize(
    "schedule",
    [
        # A worker slept between its record and its call: the order came there after the customer had undone it.
        Schedule("set aside", (PLACES, CANCELS, PLACES), 2656),
        # A customer who undid what an agent had merged a moment before was told nothing.
        Schedule("on hold", ("agent finds it in the shop", "agent becomes the owner", CANCELS), 1672),
    ],
    ids=lambda schedule: " | ".join(schedule.acts),
)
def test_races_that_once_failed_keep_the_promises(schedule: Schedule) -> None:
    assert broken_in([schedule]) == {}


def test_the_same_seed_is_the_same_race() -> None:
    def traced(seed: int) -> list[str]:
        return play(Schedule("set aside", (CANCELS, PLACES), seed)).trace

    assert traced(1) == traced(1) != traced(2)


def test_a_ledger_in_which_the_last_writer_wins_is_found_out(monkeypatch: pytest.MonkeyPatch) -> None:
    commit = FakeLedger.commit

    def overwrite(ledger: FakeLedger, old: Order, new: Order, *more: Any, **named: Any) -> Order:
        return commit(ledger, replace(old, version=ledger.load(old.ref).version), new, *more, **named)

    monkeypatch.setattr(FakeLedger, "commit", overwrite)
    acts = ("customer changes the address", "agent rejects")
    broken = broken_in([Schedule("set aside", acts, seed) for seed in range(30)])
    assert any("agent rejects: lost" in promises for promises in broken.values())


def broken_in(schedules: list[Schedule]) -> dict[Schedule, list[str]]:
    """Only those in which something was broken; `play` has their trace."""
    broken = {schedule: play(schedule).broken for schedule in schedules}
    return {schedule: promises for schedule, promises in broken.items() if promises}
