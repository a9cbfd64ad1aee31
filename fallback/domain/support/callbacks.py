"""Calls that customers were promised: each is made once, and says what came of it."""

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
    """She is to be called then; a call that was arranged before is moved. Raises Invalid."""
    phone = phones.plain(visible(phone))
    if not phones.digits(phone):
        raise Invalid("phone", "phone", "Please give a phone number.")
    if at <= now:
        raise Invalid("at", "past", "That time is over.")
    order, said = say(order, "phone", phone)
    return Change(structs.replace(order, callback=Callback(said, at)), (Event(now, "call_arranged", who),))


def close(order: Order, word: str, now: datetime, who: str) -> Change:
    """She was called, or could not be reached; `word` says what came of it. Raises Invalid, NotAllowedNow."""
    if order.callback is None:
        raise NotAllowedNow("no_call", "close_call")
    order, said = say(order, "word", word)
    return Change(structs.replace(order, callback=None), (Event(now, "called", who, {"said": said}),))
