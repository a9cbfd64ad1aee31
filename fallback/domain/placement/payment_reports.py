"""Telling the primary how the payment of an order stands. Each function returns the change to commit.

A report is whole and has a number that only grows, so it may be repeated, and one that arrives late is recognized as
older. Between two recorded points like every call; nothing else waits for it.
"""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import structs

from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.order import Change, Event, Order, PaymentState
from fallback.domain.order.payment_report import PaymentReport, PaymentStands
from fallback.domain.order.reporting import report_number, stands


def expected(order: Order) -> Order:
    """The order, sent to a primary that wants to hear of its payment: with the order it is told of an authorization.

    What came after that, as for an order that the primary lost and gets again, is reported once it has the order.
    """
    told = stands(order)
    if told.captured:
        told = PaymentStands(PaymentState.AUTHORIZED, told.reference)
    return _knows(order, told)


def begun(order: Order, now: datetime) -> Change:
    """Record that the primary is about to be told."""
    report = order.placement.report
    assert report is not None
    return _with(order, began_at=now, number=report.number + 1, tries=report.tries + 1)


def turned_away(order: Order, until: datetime) -> Change:
    """The primary cannot take it now, through no fault of the report."""
    return _with(order, began_at=None, due_at=until, tries=0)


def lost(order: Order, until: datetime) -> Change:
    """The report was sent and not answered: it may have arrived, and is repeated."""
    return _with(order, began_at=None, due_at=until)


def reported(order: Order, told: PaymentStands, now: datetime) -> Change:
    figures: dict[str, str | int] = {"state": told.state, "captured": told.captured, "refunded": told.refunded}
    return _told(order, told, Event(now, "payment_reported", "worker", figures))


def not_reported(order: Order, told: PaymentStands, code: str, now: datetime, owner: str) -> Change:
    """The primary refuses to hear it, or never answers: a person tells the shop, which may wait for it to send."""
    done = _told(order, told, Event(now, "payment_not_reported", "worker", {"state": told.state, "code": code}))
    held = put_on_hold(done.order, HoldCode.PAYMENT_NOT_REPORTED, now, owner, f"{told.state} {code}")
    return Change(held.order, (*done.events, *held.events))


def unwanted(order: Order, told: PaymentStands) -> Change:
    """The primary does not want to hear of payments any more."""
    return _told(order, told)


def _told(order: Order, told: PaymentStands, *events: Event) -> Change:
    """A report is whole, so nobody has to tell the shop any more what an earlier one said."""
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.PAYMENT_NOT_REPORTED)
    return Change(structs.replace(_knows(order, told), holds=holds), events)


def _knows(order: Order, told: PaymentStands) -> Order:
    """The primary knows this, and no report is under way."""
    report = PaymentReport(told, report_number(order))
    return structs.replace(order, placement=structs.replace(order.placement, report=report))


def _with(order: Order, **changes: Any) -> Change:
    report = order.placement.report
    assert report is not None
    placement = structs.replace(order.placement, report=structs.replace(report, **changes))
    return Change(structs.replace(order, placement=placement), ())
