"""The mode and the log of its switches, in memory and in Redis."""

from __future__ import annotations

from collections.abc import Callable
from datetime import timedelta

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.errors import Conflict
from fallback.domain.outage.mode import AT_FIRST, Mode, ModeState
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.redis import keys
from tests.builders import NOW
from tests.fakes.views import FakeModes
from tests.redis_server import RedisServer

ACTIVE = ModeState(Mode.ACTIVE, NOW, "Ada", "the payment page is down")
DRAINING = ModeState(Mode.DRAINING, NOW + timedelta(minutes=5), "Ben", "it is back", until=NOW + timedelta(hours=1))


@pytest.fixture
def modes(house: Container) -> RedisModes | FakeModes:
    return house.modes


def test_until_somebody_switches_the_shop_serves(modes: RedisModes | FakeModes) -> None:
    assert modes.read() == AT_FIRST
    assert modes.log() == []


def test_the_last_word_holds_and_all_are_told_newest_first(modes: RedisModes | FakeModes) -> None:
    modes.switch(ACTIVE)
    modes.switch(DRAINING)
    assert modes.read() == DRAINING
    assert modes.log() == [DRAINING, ACTIVE]


def test_whoever_saw_another_mode_is_told_and_changes_nothing(modes: RedisModes | FakeModes) -> None:
    modes.switch(ACTIVE, instead_of=AT_FIRST)
    with pytest.raises(Conflict, match=keys.MODE):
        modes.switch(DRAINING, instead_of=AT_FIRST)
    assert modes.read() == ACTIVE
    modes.switch(DRAINING, instead_of=ACTIVE)
    assert modes.log() == [DRAINING, ACTIVE]


def meanwhile(modes: RedisModes, switch: Callable[[], None]) -> None:
    """After it looked and before it writes."""
    look = modes._document

    def looked() -> bytes | None:
        seen = look()
        modes._document = look  # type: ignore[method-assign]
        switch()
        return seen

    modes._document = looked  # type: ignore[method-assign]


def test_the_second_of_two_switches_from_the_same_mode_gets_a_conflict(redis_server: RedisServer) -> None:
    """Also when both have looked before either writes."""
    modes, others = RedisModes(redis_server.client), RedisModes(redis_server.client)
    meanwhile(modes, lambda: others.switch(ACTIVE, instead_of=AT_FIRST))
    with pytest.raises(Conflict, match=keys.MODE):
        modes.switch(DRAINING, instead_of=AT_FIRST)
    assert modes.log() == [ACTIVE]


def test_a_switch_without_a_condition_meets_no_conflict(redis_server: RedisServer) -> None:
    modes, others = RedisModes(redis_server.client), RedisModes(redis_server.client)
    meanwhile(modes, lambda: others.switch(ACTIVE))
    modes.switch(DRAINING)
    assert modes.log() == [DRAINING, ACTIVE]


def test_what_was_written_before_its_answer_was_lost_is_no_conflict(redis_server: RedisServer) -> None:
    modes = RedisModes(redis_server.client)
    meanwhile(modes, lambda: modes.switch(ACTIVE, instead_of=AT_FIRST))
    modes.switch(ACTIVE, instead_of=AT_FIRST)
    assert modes.log() == [ACTIVE]
