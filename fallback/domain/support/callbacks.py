"""Callbacks promised to customers: each is made once, and its result is recorded."""

from __future__ import annotations

from datetime import datetime

from msgspec import structs

from fallback.domain import phones
from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order.handover_and_callback import Callback
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.texts_by_people import say
from fallback.domain.plain_text import visible


def arrange(order: Order, phone: str, at: datetime, now: datetime, who: str) -> Change:
    """Arrange a callback at that time; an earlier one is moved. Raises Invalid."""
    phone = phones.plain(visible(phone))
    if not phones.digits(phone):
        raise Invalid("phone", "phone", "Please enter a phone number.")
    if at <= now:
        raise Invalid("at", "past", "This time is in the past.")
    order, said = say(order, "phone", phone)
    return Change(structs.replace(order, callback=Callback(said, at)), (Event(now, "call_arranged", who),))


def close(order: Order, word: str, now: datetime, who: str) -> Change:
    """The customer was called, or not reached; `word` is the result. Raises Invalid, NotAllowedNow."""
    if order.callback is None:
        raise NotAllowedNow("no_call", "close_call")
    order, said = say(order, "word", word)
    return Change(structs.replace(order, callback=None), (Event(now, "called", who, {"said": said}),))
