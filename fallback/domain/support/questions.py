"""The customer asks for a person, in their own words; an agent answers. The order is processed meanwhile."""

from __future__ import annotations

from datetime import datetime
from enum import StrEnum

from msgspec import Struct, structs

from fallback.domain.checkout.requests import Phone, phone_number
from fallback.domain.errors import NotAllowedNow
from fallback.domain.order.handover_and_callback import Callback
from fallback.domain.order.holds import Hold, HoldCode, new_hold
from fallback.domain.order.notices import queue_notice
from fallback.domain.order.order import Change, Event, NoticeKind, Order
from fallback.domain.order.texts_by_people import say


class TimeOfDay(StrEnum):
    ANY = "any"
    MORNING = "morning"
    AFTERNOON = "afternoon"
    EVENING = "evening"


class CallBack(Struct, frozen=True):
    """The customer prefers a call: at this number, at this time of their day."""

    phone: Phone
    when: TimeOfDay = TimeOfDay.ANY

    def __post_init__(self) -> None:
        structs.force_setattr(self, "phone", phone_number(self.phone))


def ask(order: Order, words: str, call_back: CallBack | None, now: datetime, owner: str) -> Change:
    """Record the customer's question, which `owner` has to answer in time. Raises Invalid, NotAllowedNow.

    A further question is added to the open one: its text becomes the title of the case, and the time of the answer
    stays.
    """
    order, question = say(order, "question", words)
    data: dict[str, str | int] = {"said": question}
    hold = open_question(order) or new_hold(HoldCode.ASKED_FOR_A_PERSON, owner, now)
    if call_back:
        order, phone = say(order, "phone", call_back.phone)
        order = structs.replace(order, callback=Callback(phone, hold.next_word_by))
        data |= {"phone": phone, "when": call_back.when}
    order = structs.replace(order, holds=(*_without_question(order), structs.replace(hold, said=question, told="")))
    return Change(order, (Event(now, "asked_for_a_person", "customer", data),))


def answer(order: Order, words: str, now: datetime, who: str) -> Change:
    """Answer the question, by mail and on the order's page. Raises Invalid, NotAllowedNow if there is none."""
    if open_question(order) is None:
        raise NotAllowedNow("answered", "answer")
    order, said = say(order, "answer", words)
    order = structs.replace(order, holds=_without_question(order), callback=None)
    order = queue_notice(order, NoticeKind.ANSWER, now, said)
    return Change(order, (Event(now, "answered", who, {"said": said}),))


def open_question(order: Order) -> Hold | None:
    return next((hold for hold in order.holds if hold.code is HoldCode.ASKED_FOR_A_PERSON), None)


def _without_question(order: Order) -> tuple[Hold, ...]:
    return tuple(hold for hold in order.holds if hold.code is not HoldCode.ASKED_FOR_A_PERSON)
