"""Refused mail: if the customer waits for the content, a person reaches them another way."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import datetime

from msgspec import structs

from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import needs_customer
from fallback.domain.order.notices import about, queue_notice, still_true, with_notice
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, NoticeState, Order

# Questions and answers. Other notices repeat what the order's page shows, or what the customer did there.
WAITED_FOR = frozenset(
    {
        NoticeKind.PAYMENT_NEEDED,
        NoticeKind.POSSIBLE_RIVAL,
        NoticeKind.ANSWER,
        NoticeKind.NEXT_WORD,
        NoticeKind.NOT_CHANGED,
        NoticeKind.MONEY_BACK,
    }
)
# The shop sends no mail, so nobody waits for one.
TURNED_OFF = "mail_is_turned_off"


def refused(order: Order, notice: Notice, code: str, now: datetime, owner: str) -> Change:
    """`code`: the mail server's reply code, such as 550."""
    order = with_notice(order, structs.replace(notice, state=NoticeState.FAILED))
    failed = Event(now, "notice_failed", "worker", about(notice) | ({"why": code} if notice.owner else {}))
    if code == TURNED_OFF or notice.to or not _is_waited_for(order, notice):
        return Change(order, (failed,))
    held = put_on_hold(order, HoldCode.MAIL_REFUSED, now, owner, f"{notice.kind} {code}")
    return Change(held.order, (failed, *held.events))


def reached(order: Order, now: datetime) -> Order:
    """Another address is known: refused mail that is still waited for goes there, and the hold is lifted."""
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.MAIL_REFUSED)
    if len(holds) == len(order.holds):
        return order
    order = structs.replace(order, holds=holds)
    for notice in _newest_of_each_kind(order):
        order = queue_notice(order, notice.kind, now, notice.said, notice.refs)
    return order


def _newest_of_each_kind(order: Order) -> Iterator[Notice]:
    newest = {notice.kind: notice for notice in order.notices if not notice.to}
    for notice in newest.values():
        if notice.state is NoticeState.FAILED and _is_waited_for(order, notice):
            yield notice


def _is_waited_for(order: Order, notice: Notice) -> bool:
    """The first mail of an order to be paid later contains the link to the payment."""
    asks = notice.kind in WAITED_FOR or (notice.kind is NoticeKind.RECEIVED and needs_customer(order))
    return asks and still_true(order, notice)
