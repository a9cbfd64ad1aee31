"""The number of recent mails to a person, in a real Redis and in the fake."""

from __future__ import annotations

from collections import Counter
from concurrent.futures import ThreadPoolExecutor

import pytest

from fallback.domain.support.mail_limit import MOST, WITHIN, Turn
from fallback.domain.support.ports import MailLimits
from fallback.ledger.support.mail_limits import RedisMailLimits
from tests.builders import NOW
from tests.fakes.mail_limits import FakeMailLimits


@pytest.fixture(params=["fake", "redis"])
def limits(request: pytest.FixtureRequest) -> MailLimits:
    if request.param == "fake":
        return FakeMailLimits()
    return RedisMailLimits(request.getfixturevalue("redis_server").client)


def test_each_person_has_their_own_by_whatever_spelling(limits: MailLimits) -> None:
    for number in range(MOST):
        assert limits.turn("Lea", f"{number}", False, NOW) == (Turn.ALONE, NOW + WITHIN)
    assert limits.turn("lea", "6", False, NOW) == (Turn.LATER, NOW + WITHIN)
    assert limits.turn("otto", "7", False, NOW)[0] is Turn.ALONE


def test_what_waited_goes_into_one_summary(limits: MailLimits) -> None:
    for number in range(MOST + 3):
        limits.turn("lea", f"{number}", False, NOW)
    after = NOW + WITHIN
    turns = [limits.turn("lea", f"{number}", True, after)[0] for number in (5, 6, 7, 5)]
    assert turns == [Turn.SUMMARY, Turn.COVERED, Turn.COVERED, Turn.SUMMARY]


def test_workers_at_the_same_moment_count_together(limits: MailLimits) -> None:
    with ThreadPoolExecutor(4) as pool:
        turns = pool.map(lambda number: limits.turn("lea", f"{number}", False, NOW)[0], range(12))
    assert Counter(turns) == {Turn.ALONE: MOST, Turn.LATER: 12 - MOST}
