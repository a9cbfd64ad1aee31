"""Every waiting order has one owner, and its customer gets an update by a promised time: handles what is due."""

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

# Events that start a promise: what a person did before belongs to an earlier promise.
PROMISES = frozenset({"on_hold", "next_word", "asked_again", "rival_asked", "asked_for_a_person"})
# What we did automatically while nothing moved.
WAITING = frozenset({"next_word", "asked_again", "owner_given", "escalated", "handover_returned"})

# After these the customer waits for an agent, not for the shop or for themselves.
ON_US = frozenset({"on_hold", "asked_for_a_person"})

Told = tuple[Order, list[Event]]


def keep(order: Order, timeline: Sequence[Event], roster: Roster, now: datetime, unpaid_for: timedelta) -> Change:
    """Handle all that is due: a handover that nobody accepted, a missing owner, an update to the customer.

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
    """The customer was promised an update by then, replacing earlier promises."""
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
    """Since when the customer waits for us: an order of last week that was paid today has waited since today."""
    moments = [event.at for event in timeline if event.what not in WAITING and not event.what.startswith("notice_")]
    return max(moments, default=order.received_at)


def _named(order: Order, by: datetime) -> Order:
    """Reminders to the customer are no promise of ours: once they have done their part, a new promise starts."""
    order = promise(order, by)
    if waits_for_us(order):
        return order
    return structs.replace(order, next_word_by=None, payment=structs.replace(order.payment, ask_again_at=by))


def _given_word(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> Told:
    """Update the customer on the status, or remind them of their part, at growing intervals to avoid badgering."""
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
    """Whether an agent has acted since the last promise."""
    for event in reversed(timeline):
        if event.who not in MACHINES | {"customer"}:
            return True
        if event.what in PROMISES:
            return False
    return False


def was_late(timeline: Sequence[Event], now: datetime) -> bool:
    """Whether the time by which an agent was to decide or answer has ever passed before any agent acted."""
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
