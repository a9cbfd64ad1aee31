"""A few mails at once, then one for the rest."""

from __future__ import annotations

from datetime import timedelta

from fallback.domain.support.mail_limit import MOST, WITHIN, Mailed, Turn, turn
from tests.builders import NOW

FULL = Mailed(NOW, MOST)
SOON = NOW + timedelta(minutes=3)


def test_the_first_few_are_sent_and_the_others_wait() -> None:
    mailed = None
    turns = []
    for number in range(MOST + 2):
        mailed, decided = turn(mailed, f"{number}", False, NOW)
        turns.append(decided)
    assert turns == [Turn.ALONE] * 5 + [Turn.LATER] * 2
    assert mailed == FULL
    assert mailed.ends == NOW + timedelta(minutes=15)


def test_after_the_period_they_are_sent_again() -> None:
    assert turn(FULL, "9", False, NOW + WITHIN - timedelta(seconds=1)) == (FULL, Turn.LATER)
    assert turn(FULL, "9", False, NOW + WITHIN) == (Mailed(NOW + WITHIN, 1), Turn.ALONE)


def test_of_those_that_waited_one_is_the_summary_and_tried_again_until_it_is_sent() -> None:
    after = NOW + WITHIN
    mailed, first = turn(FULL, "7", True, after)
    assert (mailed, first) == (Mailed(after, 1, "7"), Turn.SUMMARY)
    assert turn(mailed, "8", True, after) == (mailed, Turn.COVERED)
    assert turn(mailed, "7", True, after + timedelta(minutes=1))[1] is Turn.SUMMARY
    assert turn(mailed, "9", False, after)[1] is Turn.ALONE


def test_a_summary_counts_as_a_mail() -> None:
    assert turn(Mailed(NOW, 4), "7", True, SOON)[0] == Mailed(NOW, 5, "7")
