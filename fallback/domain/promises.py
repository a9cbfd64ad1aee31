"""Every order that waits has one owner, and its customer hears by a time: what is done when that comes due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime

from msgspec import structs

from fallback.domain.acting import MACHINES
from fallback.domain.lifecycle import AGAIN, WORD_TAKES, next_word_by, waits_for_us
from fallback.domain.notices import queue_notice
from fallback.domain.order import Change, Event, NoticeKind, Order
from fallback.domain.owners import Roster, one_step_up, owner_by_rule, owner_of

# Where a promise begins in the timeline: what a person did before that was about an earlier one.
PROMISES = frozenset({"on_hold", "next_word"})


def keep(order: Order, timeline: Sequence[Event], roster: Roster, now: datetime) -> Change:
    """All that has come due: a hand-over that nobody accepted, an owner who is missing, a word to the customer."""
    events: list[Event] = []
    for come_due in (_take_back, _find_owner):
        order, told = come_due(order, roster, now)
        events += told
    if waits_for_us(order) and next_word_by(order) - WORD_TAKES <= now:
        order, told = _say(order, roster, now, overdue=not _was_helped(timeline))
        events += told
    return Change(order, tuple(events))


Told = tuple[Order, list[Event]]


def _take_back(order: Order, _: Roster, now: datetime) -> Told:
    if order.handover is None or order.handover.accept_by > now:
        return order, []
    returned = Event(now, "handover_returned", "worker", {"to": order.handover.to, "owner": owner_of(order)})
    return structs.replace(order, handover=None), [returned]


def _find_owner(order: Order, roster: Roster, now: datetime) -> Told:
    late = waits_for_us(order) and next_word_by(order) - WORD_TAKES <= now
    if order.owner or not (order.holds or late):
        return order, []
    return _given_to(order, owner_by_rule(order, roster), "owner_given", now)


def _say(order: Order, roster: Roster, now: datetime, overdue: bool) -> Told:
    """The customer hears that it is still worked on, and by when she hears again.

    Where a promise was made before and no person has done anything about it since, it goes up one step.
    """
    events: list[Event] = []
    if overdue and (order.next_word_by or order.holds):
        order, events = _given_to(order, one_step_up(order.owner, roster), "escalated", now)
    order = structs.replace(order, next_word_by=max(now, next_word_by(order)) + AGAIN)
    return queue_notice(order, NoticeKind.NEXT_WORD, now), [Event(now, "next_word", "worker"), *events]


def _given_to(order: Order, owner: str, what: str, now: datetime) -> Told:
    if owner == order.owner:
        return order, []
    return structs.replace(order, owner=owner), [Event(now, what, "worker", {"owner": owner})]


def _was_helped(timeline: Sequence[Event]) -> bool:
    """Whether a person of ours has acted since the last promise."""
    for event in reversed(timeline):
        if event.who not in MACHINES | {"customer"}:
            return True
        if event.what in PROMISES:
            return False
    return False
