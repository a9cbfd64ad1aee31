"""An order that nobody pays ends: by the time that its customer was told, and after they were asked often enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fallback.domain.order.lifecycle import WITHOUT_WORD, is_only_ours, needs_customer, pays_by, waits_for_us
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.placement.placement import ask_to_cancel
from fallback.domain.support.promises import promise, quiet_since

# However long nothing could be sent.
REMINDERS = 2


def ends_by(order: Order, timeline: Sequence[Event], unpaid_for: timedelta) -> datetime | None:
    """By when it is paid, or ends, as the customer reads it: before the first reminder, what that is going to name.

    None while it is not the customer who is waited for.
    """
    named = pays_by(order)
    if named or waits_for_us(order) or not (is_only_ours(order) and needs_customer(order)):
        return named
    return quiet_since(order, timeline) + unpaid_for


def ended(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> Change | None:
    """The purchase is undone, also in the shop if that has it. None: it may still be paid."""
    by = pays_by(order)
    if by is None or now < by or not _was_asked_enough(order, timeline, now, unpaid_for):
        return None
    undone = ask_to_cancel(promise(order, now + WITHOUT_WORD), now, "worker")
    return undone and Change(undone.order, (Event(now, "unpaid", "worker"), *undone.events))


def _was_asked_enough(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> bool:
    """What the shop has may be sent any day, so its customer is asked once."""
    if not is_only_ours(order):
        return True
    since = quiet_since(order, timeline)
    reminders = [event for event in timeline if event.what == "asked_again" and event.at >= since]
    return len(reminders) >= REMINDERS and since + unpaid_for <= now
