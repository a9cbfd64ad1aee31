"""An order that was sent and cancelled is searched for less and less often, and cancelled in the shop if found."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.order import Change, Event, Order, Placement, PlacementState
from fallback.domain.order.patience import PATIENCE
from fallback.domain.placement import late_arrivals
from fallback.domain.placement.late_arrivals import LOOKED_FOR
from tests.builders import NOW, a_primary_order, an_order

LATER = NOW + timedelta(hours=3)
SENT = an_order(placement=Placement(state=PlacementState.CANCELLED, sent=True, number="100001"))


def looked_for(since: object = NOW, due_at: object = NOW) -> Order:
    return replace(SENT, placement=replace(SENT.placement, late_since=since, due_at=due_at))


UNTIL_THE_END = looked_for(None, None)


def test_an_order_that_was_sent_is_searched_for_in_the_shop_after_its_cancellation() -> None:
    assert late_arrivals.given_up(SENT, NOW) == looked_for()
    never_sent = an_order(placement=PlacementState.CANCELLED)
    assert late_arrivals.given_up(never_sent, NOW) == never_sent


def test_each_pause_is_as_long_as_all_the_time_before() -> None:
    second = timedelta(seconds=1)
    assert late_arrivals.look_again(looked_for(), NOW) == Change(looked_for(due_at=NOW + PATIENCE), ())
    assert late_arrivals.look_again(looked_for(), LATER) == Change(looked_for(due_at=NOW + timedelta(hours=6)), ())
    near = NOW + LOOKED_FOR - second
    assert late_arrivals.look_again(looked_for(), near) == Change(looked_for(due_at=NOW + LOOKED_FOR), ())


def test_after_two_days_nothing_comes_any_more() -> None:
    assert late_arrivals.look_again(looked_for(), NOW + LOOKED_FOR) == Change(UNTIL_THE_END, ())
    assert late_arrivals.nothing_comes(looked_for()) == Change(UNTIL_THE_END, ())
    assert late_arrivals.look_again(SENT, NOW) is None


def test_what_came_late_and_is_cancelled_there_is_told_and_looked_for_unless_it_cannot_come_again() -> None:
    event = Event(LATER, "late_undone", "worker", {"number": "100001"})
    again = looked_for(due_at=NOW + timedelta(hours=6))
    assert late_arrivals.undone(looked_for(), "100001", False, LATER) == Change(again, (event,))
    assert late_arrivals.undone(looked_for(), "100001", True, LATER) == Change(UNTIL_THE_END, (event,))
    assert late_arrivals.undone(SENT, "100001", False, LATER) is None


def test_what_the_audit_finds_is_looked_after_at_once() -> None:
    found = Event(LATER, "late_found", "worker", {"number": "100001"})
    assert late_arrivals.seen_there(SENT, "100001", LATER) == Change(looked_for(LATER, LATER), (found,))
    assert late_arrivals.seen_there(looked_for(), "100001", LATER) is None


def test_a_person_may_have_taken_our_own_order_for_another() -> None:
    merged = replace(SENT, placement=replace(SENT.placement, state=PlacementState.MERGED))
    assert late_arrivals.is_merged_into(merged, a_primary_order(merged))
    assert not late_arrivals.is_merged_into(merged, a_primary_order(merged, number="100002"))
    assert not late_arrivals.is_merged_into(SENT, a_primary_order(SENT))
