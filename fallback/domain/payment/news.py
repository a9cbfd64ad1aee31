"""Unrequested news from the payment provider, in our terms; the adapter translates (payments/webhooks.py).

News says only that something happened, and may be late, repeated or out of order: a shift reads the payment itself.
"""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from fallback.domain.order.actors import PROVIDER
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.order import PaymentState as P
from fallback.domain.payment.moves import with_payment


class PaymentNews(StrEnum):
    """Each value is also the event's code in the timeline."""

    BANK_ASKS = "heard_bank_asks"
    DECLINED = "heard_declined"
    AUTHORIZED = "heard_authorized"
    CAPTURED = "heard_captured"
    VOIDED = "heard_voided"
    REFUNDED = "heard_refunded"
    REFUND_CHANGED = "heard_refund_changed"
    LAPSED = "heard_lapsed"


# The states that already include what the news reports.
KNOWN_IN = {
    PaymentNews.BANK_ASKS: {P.ACTION_REQUIRED, P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.DECLINED: {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.AUTHORIZED: {P.AUTHORIZED, P.CAPTURED, P.VOIDED, P.REFUNDED},
    PaymentNews.CAPTURED: {P.CAPTURED, P.REFUNDED},
    PaymentNews.VOIDED: {P.VOIDED, P.REFUNDED},
    PaymentNews.REFUNDED: {P.REFUNDED},
    PaymentNews.REFUND_CHANGED: set(),
    PaymentNews.LAPSED: {P.VOIDED, P.REFUNDED},
}


def is_known(order: Order, news: PaymentNews) -> bool:
    return order.payment.state in KNOWN_IN[news]


def remembered(order: Order, news: PaymentNews) -> Change | None:
    """A call is under way, and its outcome may report the same: until then the news waits."""
    if news in order.payment.heard:
        return None
    return Change(with_payment(order, heard=(*order.payment.heard, news)), ())


def caught_up(change: Change, now: datetime) -> Change:
    """Once the call is over, read the payment again if its outcome did not include the news."""
    order = change.order
    if order.payment.attempt or not order.payment.heard:
        return change
    heard = [news for news in PaymentNews if news in order.payment.heard and not is_known(order, news)]
    order = with_payment(order, heard=(), due_at=now if heard else order.payment.due_at)
    return Change(order, (*change.events, *(Event(now, news, PROVIDER) for news in heard)), change.booked)
