"""Whether those who wait are served as fast as those who ask: read from timelines."""

from __future__ import annotations

from datetime import timedelta

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.order.order import Event
from fallback.domain.support.fairness import MILLISECOND, Story, WaitSpread, Way, group, spread, tell, way_of
from tests.builders import NOW


def line(what: str, who: str = "worker", minutes: float = 0, **data: str | int) -> Event:
    return Event(NOW + timedelta(minutes=minutes), what, who, data)


RECEIVED = line("received", "customer")
SETTLED = (line("placed", "primary", 2), line("verified", "primary", 3), line("captured", "worker", 4))
ON_HOLD = line("on_hold", code="out_of_stock", detail="BK-1")
ASKED = line("asked_for_a_person", "customer")
HELPED = line("noted", "ann")


# --- the way of contact


@pytest.mark.parametrize(
    ("timeline", "way"),
    [
        ((), Way.SELF),
        ((RECEIVED, line("authorized", "stripe"), *SETTLED), Way.SELF),
        ((RECEIVED, line("changed", "customer"), line("cancel_asked", "customer")), Way.SELF),
        ((RECEIVED, ON_HOLD), Way.WAITED),
        ((RECEIVED, ON_HOLD, line("hold_released", "ann", code="out_of_stock")), Way.WAITED),
        ((RECEIVED, ASKED), Way.ASKED),
        ((RECEIVED, line("on_hold", code="asked_for_a_person")), Way.ASKED),
        ((RECEIVED, ON_HOLD, ASKED), Way.ASKED),
        ((RECEIVED, HELPED), Way.ASKED),
        ((RECEIVED, ASKED, line("escalated", owner="bea")), Way.ESCALATED),
        ((RECEIVED, ON_HOLD, line("escalated", owner="bea")), Way.ESCALATED),
    ],
)
def test_the_way_is_told_by_what_happened(timeline: tuple[Event, ...], way: Way) -> None:
    assert way_of(timeline) is way


# --- how long it took


def told(*timeline: Event) -> Story:
    return tell(NOW, "EUR", timeline)


@pytest.mark.parametrize(
    ("timeline", "finished", "helped"),
    [
        ((RECEIVED, *SETTLED), True, False),
        ((RECEIVED, HELPED, *SETTLED), True, False),
        ((RECEIVED, line("payment_link_sent", "ann"), line("card_given", "customer"), *SETTLED), True, True),
        ((RECEIVED, line("hold_released", "ann"), *SETTLED), False, False),
        ((RECEIVED, *SETTLED[:1]), False, False),
    ],
)
def test_the_report_knows_who_completed_an_order_and_who_helped(
    timeline: tuple[Event, ...], finished: bool, helped: bool
) -> None:
    story = told(*timeline)
    assert (story.finished, story.helped) == (finished, helped)


def test_an_order_is_settled_when_it_was_read_back_and_paid() -> None:
    assert told(RECEIVED, *SETTLED).settled_in == timedelta(minutes=4)
    assert told(RECEIVED, *SETTLED[:2]).settled_in is None


def test_an_order_that_was_undone_ends_when_the_money_is_free() -> None:
    assert told(line("cancelled", minutes=1), line("voided", minutes=2)).settled_in == timedelta(minutes=2)
    assert told(line("merged", minutes=1)).settled_in is None


def test_what_comes_after_the_end_does_not_delay_it() -> None:
    undone = (line("cancelled", minutes=90), line("refunded", minutes=99, amount=3093))
    assert told(*SETTLED, *undone).settled_in == timedelta(minutes=4)


def test_the_first_word_is_the_first_mail_that_went_out() -> None:
    mails = (line("notice_failed", minutes=1), line("notice_sent", minutes=2), line("notice_sent", minutes=3))
    assert told(RECEIVED, *mails).word_in == timedelta(minutes=2)
    assert told(RECEIVED).word_in is None


def test_clocks_that_differ_make_no_time_negative() -> None:
    assert told(line("notice_sent", minutes=-1)).word_in == timedelta()


# --- money


def test_what_went_back_and_what_of_it_was_goodwill_are_told_apart() -> None:
    story = told(
        line("refund_asked", "ann", kind="goodwill", amount=900),
        line("refund_approved", "bea", kind="goodwill", amount=900),
        line("refund_granted", "ann", kind="refund", amount=100),
        line("refund_declined", "bea", kind="goodwill", amount=5000),
        line("refunded", amount=900),
        line("refunded", amount=100),
    )
    assert (story.refunded, story.goodwill) == (1000, 900)


def test_a_failed_refund_does_not_count_as_refunded() -> None:
    assert told(RECEIVED, line("refunded", amount=900), line("refund_failed", amount=900)).refunded == 0


def test_amounts_are_added_up_by_currency() -> None:
    stories = [
        Story(Way.SELF, "EUR", refunded=5),
        Story(Way.SELF, "EUR", refunded=6),
        Story(Way.SELF, "JPY", refunded=7),
    ]
    assert group(stories)[0].refunded == {"EUR": 11, "JPY": 7}
    assert group(stories)[0].goodwill == {}


def test_an_event_without_an_amount_adds_nothing_to_the_sums() -> None:
    assert told(line("refunded"), line("refund_granted", kind="goodwill")).refunded == 0
    assert told(line("refund_granted", "ann", kind="goodwill")).goodwill == 0


# --- groups


def test_a_group_counts_who_finished_it_and_who_was_helped() -> None:
    told = [
        Story(Way.SELF, "EUR", finished=True, helped=True),
        Story(Way.SELF, "EUR", finished=True),
        Story(Way.SELF, "EUR"),
    ]
    assert (group(told)[0].finished, group(told)[0].with_help) == (2, 1)


def test_nine_of_ten_are_at_or_below_p90() -> None:
    assert spread(timedelta(seconds=each) for each in range(11)) == WaitSpread(11, 5.0, 9.0)
    assert spread([timedelta(seconds=4)]) == WaitSpread(1, 4.0, 4.0)


durations = st.one_of(st.none(), st.timedeltas(timedelta(), timedelta(days=30)))
stories = st.builds(
    Story,
    way=st.sampled_from(Way),
    currency=st.sampled_from(["EUR", "JPY"]),
    settled_in=durations,
    word_in=durations,
    refunded=st.integers(0, 10**9),
    goodwill=st.integers(0, 10**9),
)


@given(st.lists(stories))
def test_every_order_is_counted_once_and_every_cent(told: list[Story]) -> None:
    groups = group(told)
    assert [each.way for each in groups] == list(Way)
    assert sum(each.orders for each in groups) == len(told)
    assert sum(each.open + each.settled.count for each in groups) == len(told)
    assert sum(sum(each.refunded.values()) for each in groups) == sum(story.refunded for story in told)
    assert sum(sum(each.goodwill.values()) for each in groups) == sum(story.goodwill for story in told)


@given(st.lists(stories).flatmap(lambda told: st.tuples(st.just(told), st.permutations(told))))
def test_the_order_of_the_stories_changes_nothing(both: tuple[list[Story], list[Story]]) -> None:
    assert group(both[0]) == group(both[1])


@given(st.lists(durations))
def test_half_are_at_or_below_the_median_and_nine_of_ten_at_or_below_p90(taken: list[timedelta | None]) -> None:
    found, known = spread(taken), sorted(each // MILLISECOND / 1000 for each in taken if each is not None)
    assert found.count == len(known)
    if not known:
        assert found == WaitSpread(0)
        return
    assert known[0] <= found.median <= found.p90 <= known[-1]
    assert sum(each <= found.median for each in known) * 2 >= len(known)
    assert sum(each <= found.p90 for each in known) * 10 >= (len(known) - 1) * 9
