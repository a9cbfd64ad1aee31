"""What on call writes for customers: what is refused, what is planned and past."""

from __future__ import annotations

from calendar import monthrange
from datetime import timedelta

import pytest

from fallback.domain.outage.failover import Advice, Evidence, Observation, Why
from fallback.domain.outage.mode import Mode, ModeState
from fallback.domain.outage.public_status import (
    BACK_AFTER,
    FURTHEST,
    LONGEST_MAINTENANCE,
    LONGEST_TEXT,
    MOST_NOTES,
    PublicStatus,
    announced,
    ended,
    is_back,
    noted,
)
from tests.builders import NOW
from tests.refusals import not_now, refused

HOUR, TICK, NOT_AT_ALL = timedelta(hours=1), timedelta.resolution, timedelta()
# From any day of NOW's month to the same day of the next.
MONTH = timedelta(days=monthrange(NOW.year, NOW.month)[1])


def planned(begins: timedelta, ends: timedelta) -> PublicStatus:
    return announced(PublicStatus(), "Omar", (NOW + begins, NOW + ends), "A new till.", NOW)


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        (" ", "empty", "Please write something."),
        ("x" * (LONGEST_TEXT + 1), "too_long", "At most 500 characters."),
        ("4242 4242 4242 4242", "card_number", "Please leave card numbers out."),
    ],
)
def test_a_text_that_cannot_be_published_is_refused(text: str, code: str, detail: str) -> None:
    with refused("text", code, detail):
        noted(PublicStatus(), "Omar", text, None, NOW)


def test_a_text_may_have_as_many_characters_as_its_refusal_names() -> None:
    assert noted(PublicStatus(), "Omar", "x" * LONGEST_TEXT, None, NOW).notes


def test_only_so_many_lines_are_kept() -> None:
    status = PublicStatus()
    for number in range(MOST_NOTES + 1):
        status = noted(status, "Omar", str(number), HOUR, NOW)
    assert (len(status.notes), status.notes[0].text, status.notes[-1].text) == (MOST_NOTES, str(MOST_NOTES), "1")
    assert status.notes[0].next_by == NOW + HOUR


@pytest.mark.parametrize(
    ("begins", "ends", "field", "code", "detail"),
    [
        (2 * HOUR, HOUR, "ends", "ends_before", "The end has to be after the begin."),
        (HOUR, HOUR, "ends", "ends_before", "The end has to be after the begin."),
        (-HOUR, NOT_AT_ALL, "ends", "past", "This is over already."),
        (FURTHEST + TICK, FURTHEST + HOUR, "begins", "too_far", "This is more than half a year ahead."),
        (HOUR, HOUR + LONGEST_MAINTENANCE + TICK, "ends", "too_long_a_time", "This is longer than three days."),
    ],
)
def test_times_that_cannot_be_are_refused(
    begins: timedelta, ends: timedelta, field: str, code: str, detail: str
) -> None:
    with refused(field, code, detail):
        planned(begins, ends)


def test_the_longest_maintenance_may_begin_as_late_as_may_be_and_the_next_moment_may_be_its_end() -> None:
    assert planned(FURTHEST, FURTHEST + LONGEST_MAINTENANCE).planned(NOW)
    assert planned(-HOUR, TICK).planned(NOW)


def test_maintenance_is_planned_until_its_end_or_until_a_person_ends_it() -> None:
    status = planned(HOUR, 3 * HOUR)
    [each] = status.planned(NOW)
    assert status.planned(NOW + 3 * HOUR) == []
    assert status.past(NOW, NOW + 3 * HOUR) == [each]
    early = ended(status, each.id, "Ida", NOW + 2 * HOUR)
    assert early.planned(NOW + 2 * HOUR) == []
    [past] = early.past(NOW, NOW + 2 * HOUR)
    assert (past.over_at, past.ended_by) == (NOW + 2 * HOUR, "Ida")
    assert early.past(NOW + 2 * HOUR, NOW + 3 * HOUR) == []
    with not_now("over", "end"):
        ended(early, each.id, "Ida", NOW + 2 * HOUR)


def test_a_person_ends_one_and_no_other() -> None:
    status = announced(planned(HOUR, 2 * HOUR), "Omar", (NOW + 3 * HOUR, NOW + 4 * HOUR), "Another till.", NOW)
    other, each = status.maintenance
    assert ended(status, each.id, "Ida", NOW).planned(NOW) == [other]


def test_two_that_are_announced_in_one_second_are_ended_one_by_one() -> None:
    times, a_month_later = (NOW + HOUR, NOW + 2 * HOUR), (NOW + HOUR + MONTH, NOW + 2 * HOUR + MONTH)
    status = PublicStatus()
    for each in (times, a_month_later, times):
        status = announced(status, "Omar", each, "A new till.", NOW)
    again, later, first = status.maintenance
    assert [each.id.removeprefix(first.id) for each in status.maintenance] == ["-3", "-2", ""]
    assert ended(status, later.id, "Ida", NOW).planned(NOW) == [again, first]
    assert ended(status, again.id, "Ida", NOW).planned(NOW) == [first, later]


def test_customers_read_the_lines_since_a_moment() -> None:
    status = noted(noted(PublicStatus(), "Omar", "Broken.", HOUR, NOW), "Omar", "Mended.", None, NOW + HOUR)
    newest, first = status.notes
    assert status.notes_since(NOW) == [newest, first]
    assert status.notes_since(NOW + TICK) == [newest]


WELL = Observation(NOW, Evidence(), Advice(Mode.STANDBY, Why.WELL))
ILL = Observation(NOW, Evidence(), Advice(Mode.ACTIVE, Why.LOOKS))


@pytest.mark.parametrize(
    ("mode", "after", "seen", "back"),
    [
        (Mode.STANDBY, BACK_AFTER, WELL, True),
        (Mode.DRAINING, BACK_AFTER, None, True),
        (Mode.STANDBY, BACK_AFTER, ILL, False),
        (Mode.STANDBY, BACK_AFTER - TICK, WELL, False),
        (Mode.ACTIVE, BACK_AFTER, WELL, False),
    ],
)
def test_a_shop_is_back_once_it_has_taken_orders_itself_for_a_while(
    mode: Mode, after: timedelta, seen: Observation | None, back: bool
) -> None:
    assert is_back(ModeState(mode, NOW, "Omar", "why"), seen, NOW + after) is back


def test_what_is_withdrawn_before_it_began_never_took_place() -> None:
    status = planned(HOUR, 2 * HOUR)
    withdrawn = ended(status, status.maintenance[0].id, "Ida", NOW)
    assert withdrawn.planned(NOW) == withdrawn.past(NOW - HOUR, NOW + 3 * HOUR) == []


def test_the_next_one_stands_first() -> None:
    status = planned(5 * HOUR, 6 * HOUR)
    status = announced(status, "Omar", (NOW + HOUR, NOW + 2 * HOUR), "Sooner.", NOW)
    assert [each.text for each in status.planned(NOW)] == ["Sooner.", "A new till."]
