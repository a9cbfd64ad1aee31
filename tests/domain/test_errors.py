"""What an error says of itself: whether to try again, when, and why."""

from __future__ import annotations

import pytest

from fallback.domain.errors import (
    Invalid,
    NotAllowedNow,
    NotThrough,
    OutcomeUnknown,
    RateLimited,
    Refused,
    TryAgain,
    WrittenByNewer,
)


def test_try_again_and_not_through_carry_the_wait_and_the_position() -> None:
    away = TryAgain("busy", 3.0)
    assert (str(away), away.after, TryAgain("busy").after) == ("busy", 3.0, None)
    search = NotThrough("long", "pi_5", 2.0)
    assert (str(search), search.at, search.after) == ("long", "pi_5", 2.0)
    assert NotThrough("long", "pi_5").after is None


@pytest.mark.parametrize(("told", "waits"), [(None, 3.0), (0, 0.5), (0.4, 0.5), (7, 7)])
def test_a_rate_limit_is_waited_for_as_it_says_and_for_a_moment_if_it_says_nothing(told: float, waits: float) -> None:
    limited = RateLimited("full", told)
    assert (str(limited), limited.after) == ("full", waits)


def test_what_a_newer_release_wrote_is_asked_for_again_in_a_minute() -> None:
    newer = WrittenByNewer("FB-1")
    said = "a newer release wrote FB-1; this process is older and must be replaced"
    assert (str(newer), newer.after) == (said, 60)


@pytest.mark.parametrize("spent", [True, False])
def test_a_lost_answer_may_have_spent_its_key(spent: bool) -> None:
    lost = OutcomeUnknown("line lost", spent)
    assert (str(lost), lost.key_spent) == ("line lost", spent)
    assert not OutcomeUnknown("line lost").key_spent


def test_a_refusal_is_told_by_its_detail_or_its_code() -> None:
    assert [str(Refused("odd", "no such place")), str(Refused("odd")), Refused("odd").code] == [
        "no such place",
        "odd",
        "odd",
    ]


def test_what_is_not_possible_now_says_of_which_state() -> None:
    error = NotAllowedNow("placing", "change")
    assert str(error) == "'change' is not possible while the order is 'placing'"
    assert (error.state, error.event, error.code) == ("placing", "change", "not_possible_now")
    told = NotAllowedNow("placing", "change", "wait", "Wait a moment.")
    assert (str(told), told.code) == ("Wait a moment.", "wait")


def test_bad_input_names_its_field() -> None:
    error = Invalid("contact.email", "too_long", "Shorter, please.")
    assert (error.field, error.code, error.detail, str(error)) == (
        "contact.email", "too_long", "Shorter, please.", "Shorter, please.",
    )  # fmt: skip
