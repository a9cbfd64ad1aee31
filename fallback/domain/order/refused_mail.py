"""Refused mail: if the customer waits for the content, a person reaches them another way.

The mail server refuses it at once, or accepts it and returns it later.
"""

from __future__ import annotations

from collections.abc import Iterable, Iterator
from datetime import datetime

from msgspec import Struct, structs

from fallback.domain.errors import TryAgain
from fallback.domain.order import text_messages
from fallback.domain.order.holding import put_on_hold
from fallback.domain.order.holds import HoldCode
from fallback.domain.order.lifecycle import needs_customer
from fallback.domain.order.notices import about, queue_notice, still_true, with_notice
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, NoticeState, Order, TextMessage

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
HANDED_OVER = frozenset({NoticeState.SENT, NoticeState.UNKNOWN})


class Bounce(Struct, frozen=True):
    """What a mail server says later about a mail it accepted. `mail`: text that contains the mail's id (MailIds).

    `hard`: it will never arrive; else it is late, and the server still tries. `status`: the code of RFC 3463, or empty.
    """

    mail: str
    hard: bool
    status: str = ""


def refused(order: Order, notice: Notice, code: str, now: datetime, owner: str) -> Change:
    """`code`: the mail server's reply code, such as 550."""
    failed = Event(now, "notice_failed", "worker", about(notice) | ({"why": code} if notice.owner else {}))
    if code == TURNED_OFF:
        return Change(with_notice(order, structs.replace(notice, state=NoticeState.FAILED)), (failed,))
    return _not_arrived(order, notice, code, failed, owner)


def returned(order: Order, id: str, bounce: Bounce, now: datetime, owner: str) -> Change | None:
    """None: it was heard before, or concerns nobody any more. Raises TryAgain while the mail is being handed over."""
    notice = next((each for each in order.notices if each.id == id), None)
    if notice is None or notice.sms or (order.customer is None and not notice.owner):
        return None
    if notice.state is NoticeState.HANDING_OVER:
        raise TryAgain("the mail is just being sent")
    if notice.state not in HANDED_OVER:
        return None
    data = about(notice) | ({"status": bounce.status} if bounce.status else {})
    if not bounce.hard:
        late = with_notice(order, structs.replace(notice, delayed=True))
        return None if notice.delayed else Change(late, (Event(now, "notice_delayed", "worker", data),))
    event = Event(now, "notice_returned", "worker", data)
    if _is_current(order, notice):
        return _not_arrived(order, notice, bounce.status or "returned", event, owner)
    # The customer gave another address in the meantime: what they wait for goes there.
    order = with_notice(order, structs.replace(notice, state=NoticeState.FAILED, refused_at=now))
    missing = [each for each in _newest_of_each_kind(order) if each.id == id]
    return Change(_sent_again(order, missing, now), (event,))


def _not_arrived(order: Order, notice: Notice, code: str, event: Event, owner: str) -> Change:
    order = with_notice(order, structs.replace(notice, state=NoticeState.FAILED, refused_at=event.at))
    if notice.to or not _is_waited_for(order, notice):
        return Change(order, (event,))
    held = put_on_hold(order, HoldCode.MAIL_REFUSED, event.at, owner, f"{notice.kind} {code}")
    told = text_messages.beside(held.order, structs.replace(notice, due_at=event.at), TextMessage.MAIL_RETURNED)
    return Change(told if held.events else held.order, (event, *held.events))


def is_unreachable(order: Order) -> bool:
    """A mail to the customer's present address was refused, and none that was sent afterwards has arrived."""
    if order.customer is None:
        return False
    if any(hold.code is HoldCode.MAIL_REFUSED for hold in order.holds):
        return True
    theirs = [each for each in order.notices if not (each.to or each.owner or each.sms) and _is_current(order, each)]
    refused_at = max((each.refused_at for each in theirs if each.refused_at), default=None)
    sent = [each.due_at for each in theirs if each.state is NoticeState.SENT]
    return refused_at is not None and all(at <= refused_at for at in sent)


def reached(order: Order, now: datetime) -> Order:
    """Another address is known: refused mail that is still waited for goes there, and the hold is lifted."""
    holds = tuple(hold for hold in order.holds if hold.code is not HoldCode.MAIL_REFUSED)
    if len(holds) == len(order.holds):
        return order
    order = structs.replace(order, holds=holds)
    return _sent_again(order, _newest_of_each_kind(order), now)


def _sent_again(order: Order, notices: Iterable[Notice], now: datetime) -> Order:
    for notice in notices:
        order = queue_notice(order, notice.kind, now, notice.said, notice.refs)
    return order


def _is_current(order: Order, notice: Notice) -> bool:
    """Whether it was sent to the customer's present address, not to an earlier one."""
    left_at = max((each.due_at for each in order.notices if each.kind is NoticeKind.ADDRESS_LEFT), default=None)
    return left_at is None or notice.due_at >= left_at


def _newest_of_each_kind(order: Order) -> Iterator[Notice]:
    newest = {notice.kind: notice for notice in order.notices if not (notice.to or notice.sms)}
    for notice in newest.values():
        if notice.state is NoticeState.FAILED and _is_waited_for(order, notice):
            yield notice


def _is_waited_for(order: Order, notice: Notice) -> bool:
    """The first mail of an order to be paid later contains the link to the payment."""
    asks = notice.kind in WAITED_FOR or (notice.kind is NoticeKind.RECEIVED and needs_customer(order))
    return asks and still_true(order, notice)
