"""Every order that waits has one owner, and its customer hears by a time: what is done when that comes due."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.order.actors import MACHINES
from fallback.domain.order.lifecycle import (
    AGAIN,
    WITHOUT_WORD,
    WORD_TAKES,
    customer_waits,
    is_only_ours,
    is_over,
    next_word_by,
    pays_by,
    untold,
    waits_for_us,
    word_is_named,
)
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order
from fallback.domain.support import owner_mail
from fallback.domain.support.owners import Roster, one_step_up, owner_by_rule, owner_of, who_may

# Where a promise begins in the timeline: what a person did before that was about an earlier one.
PROMISES = frozenset({"on_hold", "next_word", "asked_again", "rival_asked", "asked_for_a_person"})
# What we did by ourselves while nothing moved.
WAITING = frozenset({"next_word", "asked_again", "owner_given", "escalated", "handover_returned"})

# After these a person of ours is waited for, and not the shop or the customer.
ON_US = frozenset({"on_hold", "asked_for_a_person"})

Told = tuple[Order, list[Event]]


def keep(order: Order, timeline: Sequence[Event], roster: Roster, now: datetime, unpaid_for: timedelta) -> Change:
    """All that has come due: a hand-over that nobody accepted, an owner who is missing, a word to the customer.

    `unpaid_for`: how long an order may wait for its payment before it ends (domain/placement/unpaid.py).
    """
    before, roster = order, who_may(order, roster)
    order, events = _take_back(order, now)
    if _word_is_due(order, now) and not word_is_named(order):
        order = _named(order, quiet_since(order, timeline) + WITHOUT_WORD)
    due = _word_is_due(order, now)
    if not before.owner and (due or untold(order)):
        order, told = _given_to(order, owner_by_rule(order, roster), "owner_given", now)
        events += told
    if due:
        if before.owner and not _was_helped(timeline):
            order, told = _given_to(order, one_step_up(order.owner, roster), "escalated", now)
            events += told
        order, told = _given_word(order, timeline, now, unpaid_for)
        events += told
    if order.owner != before.owner or due or untold(order):
        order = owner_mail.tell(order, roster, now, anew=order.owner != before.owner)
    return Change(order, tuple(events))


def promise(order: Order, by: datetime) -> Order:
    """The customer was told that she hears by then, whatever was promised before."""
    holds = tuple(structs.replace(hold, next_word_by=by) for hold in order.holds)
    return structs.replace(order, next_word_by=by, holds=holds)


def _take_back(order: Order, now: datetime) -> Told:
    if order.handover is None or order.handover.accept_by > now:
        return order, []
    returned = Event(now, "handover_returned", "worker", {"to": order.handover.to, "owner": owner_of(order)})
    return structs.replace(order, handover=None), [returned]


def _word_is_due(order: Order, now: datetime) -> bool:
    return not is_over(order) and next_word_by(order) - WORD_TAKES <= now


def quiet_since(order: Order, timeline: Sequence[Event]) -> datetime:
    """Who paid today what she ordered last week has waited for us since today."""
    moments = [event.at for event in timeline if event.what not in WAITING and not event.what.startswith("notice_")]
    return max(moments, default=order.received_at)


def _named(order: Order, by: datetime) -> Order:
    """What she is asked for is no promise of ours: once she has given it, we owe her a word anew."""
    order = promise(order, by)
    if waits_for_us(order):
        return order
    return structs.replace(order, next_word_by=None, payment=structs.replace(order.payment, ask_again_at=by))


def _given_word(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> Told:
    """She hears how it stands; or what she is asked for once more, ever more seldom: nobody is to be badgered."""
    kept = max(now, next_word_by(order))
    if waits_for_us(order) and not customer_waits(order):
        return promise(order, kept + AGAIN), []
    if waits_for_us(order):
        order = queue_notice(promise(order, kept + AGAIN), NoticeKind.NEXT_WORD, now)
        return order, [Event(now, "next_word", "worker")]
    since = quiet_since(order, timeline)
    order = _named(order, kept + max(AGAIN, now - since))
    by = max(since + unpaid_for, now + AGAIN) if is_only_ours(order) else pays_by(order) or now + AGAIN
    at_the_bank = order.payment.next_action_url is not None
    due_at = by if at_the_bank else order.payment.due_at
    order = structs.replace(order, payment=structs.replace(order.payment, pay_by=by, due_at=due_at))
    return queue_notice(order, NoticeKind.PAYMENT_NEEDED, now), [Event(now, "asked_again", "worker")]


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


def was_late(timeline: Sequence[Event], now: datetime) -> bool:
    """Whether the time by which a person of ours was to decide or answer passed once, and none had done anything."""
    waiting, missed = False, None
    for event in timeline:
        if missed and event.at >= missed:
            return True
        if event.what == "next_word" and waiting:
            missed = missed or event.at + WORD_TAKES
        elif event.what in ON_US:
            waiting = True
        elif event.who not in MACHINES | {"customer"}:
            waiting, missed = False, None
    return missed is not None and missed <= now
