"""Notices to the customer or the owner: queued in the commit of the change they report, sent once by a shift."""

from __future__ import annotations

from datetime import datetime, timedelta

from msgspec import structs

from fallback.domain.order import text_messages
from fallback.domain.order.holds import ASKS_ABOUT_RIVAL, HoldCode
from fallback.domain.order.lifecycle import GIVEN_UP, OPEN_NOTICE, needs_customer, waits_for_us
from fallback.domain.order.order import Customer, Notice, NoticeKind, Order, TextMessage
from fallback.domain.order.texts_by_people import read

# A customer whose card was declined or whose bank asks is most often still on the page, which shows it at once.
ON_THE_PAGE = timedelta(seconds=20)


def queue_notice(
    order: Order,
    kind: NoticeKind,
    due_at: datetime,
    said: int = 0,
    refs: tuple[str, ...] = (),
    to: int = 0,
    owner: str = "",
) -> Order:
    """A text message goes beside it, if it cannot wait (domain/order/text_messages.py).

    `said`: the id of a personal sentence in the notice (domain/order/texts_by_people.py).

    `refs`: further orders that it links to. `to`: the id of the address it goes to, if it is not the customer's current
    one. `owner`: the name of the agent who gets it.
    """
    id = str(len(order.notices) + 1)
    notice = Notice(id=id, kind=kind, due_at=due_at, said=said, refs=refs, to=to, owner=owner)
    return text_messages.beside(structs.replace(order, notices=(*order.notices, notice)), notice)


def reader(order: Order, notice: Notice) -> Customer:
    """The customer, with the address to which this notice goes. Requires that personal data is not erased."""
    assert order.customer is not None
    return structs.replace(order.customer, email=read(order, notice.to)) if notice.to else order.customer


def still_true(order: Order, notice: Notice) -> bool:
    """Whether the notice still applies when it is due.

    A request to pay is not sent to a customer who has paid or cancelled in the meantime. Nor is anybody asked to wait
    for an order that is over, asked a question they have answered, or promised the delivery of an order they cancelled.
    What was refunded may have come back before the mail about it is sent; another mail says so. A text message goes to
    nobody who has withdrawn their consent.
    """
    if notice.sms and not text_messages.reaches(order.customer):
        return False
    if notice.sms is TextMessage.MAIL_RETURNED:
        return any(hold.code is HoldCode.MAIL_REFUSED for hold in order.holds)
    if notice.kind is NoticeKind.OWNER:
        return is_handed_to(order, notice.owner) or (order.owner == notice.owner and bool(order.holds))
    if notice.kind is NoticeKind.NEXT_WORD:
        return waits_for_us(order)
    if notice.kind is NoticeKind.POSSIBLE_RIVAL:
        return any(hold.code in ASKS_ABOUT_RIVAL for hold in order.holds)
    if notice.kind in (NoticeKind.MONEY_BACK, NoticeKind.REFUNDED):
        return order.payment.refunded > 0
    if notice.kind is NoticeKind.REFUND_FAILED:
        return order.payment.undecided > 0
    if notice.kind in (NoticeKind.PLACED, NoticeKind.CHANGED, NoticeKind.NOT_CHANGED):
        return order.placement.state not in GIVEN_UP and not order.cancel_asked
    return notice.kind is not NoticeKind.PAYMENT_NEEDED or needs_customer(order)


def is_handed_to(order: Order, who: str) -> bool:
    """The order is being handed over to them, and they have not accepted it."""
    return order.handover is not None and order.handover.to == who


def next_notice(order: Order, now: datetime) -> Notice | None:
    """The notice that is due first, if any is due now."""
    due = [notice for notice in order.notices if notice.state in OPEN_NOTICE and notice.due_at <= now]
    return min(due, key=lambda notice: notice.due_at, default=None)


def with_notice(order: Order, notice: Notice) -> Order:
    """The order with this notice in place of the one with the same id."""
    notices = tuple(notice if other.id == notice.id else other for other in order.notices)
    return structs.replace(order, notices=notices)


def about(notice: Notice) -> dict[str, str | int]:
    """The notice's data for the timeline."""
    data: dict[str, str | int] = {"kind": notice.kind}
    return data | ({"owner": notice.owner} if notice.owner else {})
