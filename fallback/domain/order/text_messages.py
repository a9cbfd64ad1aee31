"""Text messages (SMS): a second way to customers who agreed to it, for what cannot wait."""

from __future__ import annotations

from datetime import datetime, time, timedelta, tzinfo

from msgspec import Struct, structs

from fallback.domain import phones
from fallback.domain.order.customer import Customer
from fallback.domain.order.order import Change, Event, Notice, NoticeKind, NoticeState, Order, TextMessage

# All else can wait for the mail.
CANNOT_WAIT = {
    NoticeKind.PAYMENT_NEEDED: TextMessage.PAYMENT_NEEDED,
    NoticeKind.POSSIBLE_RIVAL: TextMessage.POSSIBLE_RIVAL,
    NoticeKind.CANCELLED: TextMessage.CANCELLED,
}
# Who reads the mail, or has the order's page open, acts in this time; then no text message is needed.
READ_WITHIN = timedelta(minutes=5)
# For one order, whatever happens to it.
MOST = 8
# Then it says nothing new, or the gateway is not going to take it.
MOST_TRIES = 20


def number_of(customer: Customer | None) -> str:
    """The number in E.164 that text messages go to; empty if there is none, or none that can get them."""
    if customer is None or not customer.phone:
        return ""
    lives = customer.address if customer.address.somewhere else customer.billing
    return phones.mobile(customer.phone, lives.country if lives else "")


def beside(order: Order, notice: Notice, what: TextMessage | None = None) -> Order:
    """The order with a text message beside this mail, if its content cannot wait and the customer agreed.

    `what`: the message, if it is not that of the mail's kind.
    """
    what = what or CANNOT_WAIT.get(notice.kind)
    sent_before = sum(each.sms is not None for each in order.notices)
    if not what or notice.to or notice.owner or not reaches(order.customer) or sent_before >= MOST:
        return order
    message = Notice(id=str(len(order.notices) + 1), kind=notice.kind, due_at=notice.due_at + READ_WITHIN, sms=what)
    return structs.replace(order, notices=(*order.notices, message))


def reaches(customer: Customer | None) -> bool:
    return customer is not None and customer.sms and bool(number_of(customer))


def agree(order: Order, wanted: bool, now: datetime, who: str) -> Change | None:
    """The customer agrees to text messages, or withdraws that; None if nothing changes."""
    customer = order.customer
    if customer is None or customer.sms is wanted or (wanted and not number_of(customer)):
        return None
    order = structs.replace(order, customer=structs.replace(customer, sms=wanted))
    return Change(order, (Event(now, "sms_agreed" if wanted else "sms_withdrawn", who),))


def failed(order: Order, notice: Notice, code: str, now: datetime) -> Change:
    """The gateway refused it for good: the mail and the order's page say the same."""
    notice = structs.replace(notice, state=NoticeState.FAILED)
    notices = tuple(notice if each.id == notice.id else each for each in order.notices)
    event = Event(now, "sms_failed", "worker", {"kind": notice.kind, "status": code})
    return Change(structs.replace(order, notices=notices), (event,))


class QuietHours(Struct, frozen=True):
    """When nobody is woken, in the shop's time zone; none if both are the same. They may go over midnight."""

    begin: time = time(21)
    end: time = time(8)

    def over_at(self, now: datetime, zone: tzinfo) -> datetime:
        """When a message may be sent: `now`, or the end of the quiet hours."""
        there = now.astimezone(zone)
        clock = there.time().replace(tzinfo=None)
        over_night = self.begin > self.end
        begun, over = clock >= self.begin, clock >= self.end
        if not (begun or not over if over_night else begun and not over):
            return now
        day = there.date() + timedelta(days=int(over_night and begun))
        return datetime.combine(day, self.end, zone).astimezone(now.tzinfo)


def quiet_hours(text: str) -> QuietHours:
    """From '21:00-08:00'; empty for none. Raises ValueError."""
    if not text:
        return QuietHours(time(), time())
    begin, end = (time.fromisoformat(each.strip()) for each in text.split("-"))
    if begin.tzinfo or end.tzinfo:
        raise ValueError("They are in the shop's time zone.")
    return QuietHours(begin, end)
