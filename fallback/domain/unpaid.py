"""An order that nobody pays ends: by the time that its customer was told, and after they were asked often enough."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fallback.domain.lifecycle import WITHOUT_WORD, is_only_ours, pays_by
from fallback.domain.order import Change, Event, Order
from fallback.domain.placement import ask_to_cancel
from fallback.domain.promises import promise, quiet_since

# However long nothing could be sent.
REMINDERS = 2


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
