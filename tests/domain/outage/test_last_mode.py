"""The mode as customers and the proxy hear of it while the ledger is away."""

from __future__ import annotations

import pytest

from fallback.domain.errors import TryAgain
from fallback.domain.outage.last_mode import KnownMode, known_mode
from fallback.domain.outage.mode import AT_FIRST, Mode, ModeState
from tests.builders import NOW
from tests.fakes.views import FakeModes

ACTIVE = KnownMode(ModeState(Mode.ACTIVE, NOW, "Omar", "why"), NOW)


class Away(FakeModes):
    def read(self) -> ModeState:
        raise TryAgain("no Redis")


class Noted:
    def __init__(self, known: KnownMode | None) -> None:
        self.known = known

    def note(self, state: ModeState, now: object) -> None:
        """Whoever asks notes nothing."""

    def read(self) -> KnownMode | None:
        return self.known


def test_the_ledger_says_it_while_it_answers_and_then_what_it_said_last_counts() -> None:
    assert known_mode(FakeModes(), Noted(ACTIVE)) == KnownMode(AT_FIRST)
    assert known_mode(Away(), Noted(ACTIVE)) == ACTIVE


@pytest.mark.parametrize("last", [None, Noted(None)], ids=["nothing is kept", "never seen"])
def test_a_mode_that_was_never_seen_is_not_guessed(last: Noted | None) -> None:
    with pytest.raises(TryAgain):
        known_mode(Away(), last)
