"""'Tell me when the shop is back': what is kept of it, and for how long."""

from __future__ import annotations

from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.support.subscriptions import (
    CONFIRMED_WITHIN,
    KEPT,
    PAUSE,
    Subscription,
    asked,
    confirmed,
    is_over,
    sent,
    told_now,
)
from tests.builders import NOW

SECOND = timedelta(seconds=1)
QUIET = Subscription(email="iris@example.org", locale="en", asked_at=NOW)
ASKED = replace(QUIET, due_at=NOW)
CONFIRMED = replace(QUIET, confirmed=True)


def ask(before: Subscription | None, after: timedelta = timedelta()) -> Subscription:
    return asked(before, QUIET.email, QUIET.locale, NOW + after)


def test_a_second_request_changes_nothing_for_an_hour_and_never_what_is_confirmed() -> None:
    assert ask(None) == ASKED
    assert ask(ASKED, PAUSE - SECOND) == ASKED
    assert ask(ASKED, PAUSE) == replace(ASKED, asked_at=NOW + PAUSE, due_at=NOW + PAUSE)
    assert ask(CONFIRMED, 2 * PAUSE) == CONFIRMED


def test_what_the_first_mail_met_does_not_count_against_the_second() -> None:
    met = replace(ASKED, tries=3, handing_over=True)
    assert confirmed(met) == CONFIRMED
    assert sent(met) == QUIET


def test_the_mail_that_tells_is_the_last() -> None:
    assert sent(replace(CONFIRMED, due_at=NOW)) is None
    assert sent(None) is confirmed(None) is told_now(None, NOW) is None


@pytest.mark.parametrize(
    ("before", "after"),
    [
        (CONFIRMED, replace(CONFIRMED, due_at=NOW)),
        (replace(CONFIRMED, due_at=NOW - PAUSE), replace(CONFIRMED, due_at=NOW - PAUSE)),
        (ASKED, ASKED),
        (QUIET, QUIET),
    ],
    ids=["confirmed", "due already", "not asked yet", "not answered"],
)
def test_only_who_wants_it_is_told_that_the_shop_is_back(before: Subscription, after: Subscription) -> None:
    assert told_now(before, NOW) == after


@pytest.mark.parametrize(("kept", "stays"), [(ASKED, CONFIRMED_WITHIN), (CONFIRMED, KEPT)])
def test_an_address_is_kept_so_long_and_no_longer(kept: Subscription, stays: timedelta) -> None:
    assert not is_over(kept, NOW + stays)
    assert is_over(kept, NOW + stays + SECOND)
