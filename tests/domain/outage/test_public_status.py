"""What on call writes for customers: what is refused, what is planned and past."""

from __future__ import annotations

from datetime import timedelta

import pytest

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.outage.public_status import MOST_NOTES, PublicStatus, announced, ended, noted
from tests.builders import NOW

HOUR = timedelta(hours=1)


def planned(begins: timedelta, ends: timedelta) -> PublicStatus:
    return announced(PublicStatus(), "Omar", (NOW + begins, NOW + ends), "A new till.", NOW)


@pytest.mark.parametrize(
    ("text", "code"), [(" ", "empty"), ("x" * 501, "too_long"), ("4242 4242 4242 4242", "card_number")]
)
def test_a_text_that_cannot_be_published_is_refused(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        noted(PublicStatus(), "Omar", text, None, NOW)
    assert refusal.value.code == code


def test_only_so_many_lines_are_kept() -> None:
    status = PublicStatus()
    for number in range(MOST_NOTES + 1):
        status = noted(status, "Omar", str(number), HOUR, NOW)
    assert (len(status.notes), status.notes[0].text, status.notes[-1].text) == (MOST_NOTES, str(MOST_NOTES), "1")
    assert status.notes[0].next_by == NOW + HOUR


@pytest.mark.parametrize(
    ("begins", "ends", "code"),
    [
        (2 * HOUR, HOUR, "ends_before"),
        (-2 * HOUR, -HOUR, "past"),
        (timedelta(days=200), timedelta(days=200, hours=1), "too_far"),
        (HOUR, timedelta(days=4), "too_long_a_time"),
    ],
)
def test_times_that_cannot_be_are_refused(begins: timedelta, ends: timedelta, code: str) -> None:
    with pytest.raises(Invalid) as refusal:
        planned(begins, ends)
    assert refusal.value.code == code


def test_maintenance_is_planned_until_its_end_or_until_a_person_ends_it() -> None:
    status = planned(HOUR, 3 * HOUR)
    [each] = status.planned(NOW)
    assert status.planned(NOW + 3 * HOUR) == []
    assert status.past(NOW, NOW + 3 * HOUR) == [each]
    early = ended(status, each.id, "Ida", NOW + 2 * HOUR)
    assert early.planned(NOW + 2 * HOUR) == []
    [past] = early.past(NOW, NOW + 2 * HOUR)
    assert (past.over_at, past.ended_by) == (NOW + 2 * HOUR, "Ida")
    with pytest.raises(NotAllowedNow):
        ended(early, each.id, "Ida", NOW + 2 * HOUR)


def test_what_is_withdrawn_before_it_began_never_took_place() -> None:
    status = planned(HOUR, 2 * HOUR)
    withdrawn = ended(status, status.maintenance[0].id, "Ida", NOW)
    assert withdrawn.planned(NOW) == withdrawn.past(NOW - HOUR, NOW + 3 * HOUR) == []


def test_the_next_one_stands_first() -> None:
    status = planned(5 * HOUR, 6 * HOUR)
    status = announced(status, "Omar", (NOW + HOUR, NOW + 2 * HOUR), "Sooner.", NOW)
    assert [each.text for each in status.planned(NOW)] == ["Sooner.", "A new till."]
