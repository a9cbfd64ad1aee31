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
from fallback.domain.order.reporting import stands


def expected(order: Order) -> Order:
    """The order, sent to a primary that wants to hear of its payment: with the order it is told of an authorization.

    What came after that, as for an order that the primary lost and gets again, is reported once it has the order.
    """
    before, told = order.placement.report, stands(order)
    if told.captured:
        told = PaymentStands(PaymentState.AUTHORIZED, told.reference)
    report = PaymentReport(told, number=before.number if before else 0)
    return structs.replace(order, placement=structs.replace(order.placement, report=report))


def begun(order: Order, now: datetime) -> Change | None:
    """Record that the primary is about to be told. None: it does not want to hear."""
    report = order.placement.report
    if report is None:
        return None
    return _with(order, began_at=now, number=report.number + 1, tries=report.tries + 1)


def turned_away(order: Order, until: datetime) -> Change | None:
    """The primary cannot take it now, through no fault of the report."""
    return _with(order, began_at=None, due_at=until, tries=0)


def lost(order: Order, until: datetime) -> Change | None:
    """The report was sent and not answered: it may have arrived, and is repeated."""
    return _with(order, began_at=None, due_at=until)


def reported(order: Order, told: PaymentStands, now: datetime) -> Change | None:
    figures: dict[str, str | int] = {"state": told.state, "captured": told.captured, "refunded": told.refunded}
    return _known(order, told, Event(now, "payment_reported", "worker", figures))


def not_reported(order: Order, told: PaymentStands, code: str, now: datetime, owner: str) -> Change | None:
    """The primary refuses to hear it, or never answers: a person tells the shop, which may wait for it to send."""
    done = _known(order, told, Event(now, "payment_not_reported", "worker", {"state": told.state, "code": code}))
    if done is None:
        return None
    held = put_on_hold(done.order, HoldCode.PAYMENT_NOT_REPORTED, now, owner, f"{told.state} {code}")
    return Change(held.order, (*done.events, *held.events))


def unwanted(order: Order, told: PaymentStands) -> Change | None:
    """The primary does not want to hear of payments any more."""
    return _known(order, told)


def _known(order: Order, told: PaymentStands, *events: Event) -> Change | None:
    """A report is whole, so nobody has to tell the shop any more what an earlier one said."""
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.PAYMENT_NOT_REPORTED)
    return _with(structs.replace(order, holds=holds), *events, told=told, began_at=None, tries=0, due_at=None)


def _with(order: Order, *events: Event, **changes: Any) -> Change | None:
    report = order.placement.report
    if report is None:
        return None
    placement = structs.replace(order.placement, report=structs.replace(report, **changes))
    return Change(structs.replace(order, placement=placement), events)
