"""How functions about a payment build the new order: by an event of the table, other fields, a timeline line."""

from __future__ import annotations

from datetime import datetime
from typing import Any

from msgspec import structs

from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.transitions import PaymentEvent, after_payment


def move(order: Order, event: PaymentEvent, **changes: Any) -> Order:
    state = after_payment(order.payment.state, event)
    of_before = {"ask_again_at": None, "processing_since": None}
    return with_payment(order, state=state, **of_before | changes)


def with_payment(order: Order, **changes: Any) -> Order:
    return structs.replace(order, payment=structs.replace(order.payment, **changes))


def told(order: Order, now: datetime, what: str, who: str, **data: str | int) -> Change:
    return Change(order, (Event(now, what, who, data),))
