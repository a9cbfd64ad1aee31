"""An unpaid order ends: at the time named to its customer, and only after enough reminders."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import datetime, timedelta

from fallback.domain.order.lifecycle import WITHOUT_WORD, is_only_ours, needs_customer, pays_by, waits_for_us
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.placement.placement import ask_to_cancel
from fallback.domain.support.promises import promise, quiet_since

# Reminders that must have been sent, however long none could be.
REMINDERS = 2


def ends_by(order: Order, timeline: Sequence[Event], unpaid_for: timedelta) -> datetime | None:
    """By when the order is paid or ends, as the customer reads it; before the first reminder, what that will name.

    None unless we wait for the customer.
    """
    named = pays_by(order)
    if named or waits_for_us(order) or not (is_only_ours(order) and needs_customer(order)):
        return named
    return quiet_since(order, timeline) + unpaid_for


def ended(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> Change | None:
    """Cancel the purchase, also in the shop if the shop has it. None: it may still be paid."""
    by = pays_by(order)
    if by is None or now < by or not _was_asked_enough(order, timeline, now, unpaid_for):
        return None
    undone = ask_to_cancel(promise(order, now + WITHOUT_WORD), now, "worker")
    return undone and Change(undone.order, (Event(now, "unpaid", "worker"), *undone.events))


def _was_asked_enough(order: Order, timeline: Sequence[Event], now: datetime, unpaid_for: timedelta) -> bool:
    """The shop may ship an order that it has on any day, so its customer is reminded only once."""
    if not is_only_ours(order):
        return True
    since = quiet_since(order, timeline)
    reminders = [event for event in timeline if event.what == "asked_again" and event.at >= since]
    return len(reminders) >= REMINDERS and since + unpaid_for <= now
