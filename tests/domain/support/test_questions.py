"""The customer asks for a person, and is answered once."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.handover_and_callback import Callback
from fallback.domain.order.holds import Hold, HoldCode
from fallback.domain.order.order import Event, NoticeKind
from fallback.domain.order.texts_by_people import read
from fallback.domain.support import questions
from fallback.domain.support.questions import CallBack, TimeOfDay
from tests.builders import CUSTOMER, NOW, a_hold, an_order
from tests.refusals import not_now, refused

LATER = NOW + timedelta(hours=1)
ORDER = an_order(customer=CUSTOMER, holds=(a_hold(HoldCode.MISMATCH),))


def test_a_question_is_a_hold_with_their_words() -> None:
    asked = questions.ask(ORDER, "Where is it?", None, NOW, "the desk")
    hold = replace(a_hold(HoldCode.ASKED_FOR_A_PERSON), said=1)
    assert asked.order.holds == (*ORDER.holds, hold)
    assert questions.open_question(asked.order) == hold
    assert read(asked.order, 1) == "Where is it?"
    assert asked.order.callback is None
    assert asked.events == (Event(NOW, "asked_for_a_person", "customer", {"said": 1}),)
    assert questions.open_question(ORDER) is None


def test_who_asks_again_adds_to_it_and_the_time_of_the_answer_stays() -> None:
    first = questions.ask(ORDER, "Where is it?", None, NOW, "the desk").order
    known = replace(first, holds=tuple(replace(hold, told="Ann") for hold in first.holds))
    again = questions.ask(known, "Well?", None, LATER, "another desk").order
    expected: Hold = replace(first.holds[1], said=2, told="")
    assert again.holds == (known.holds[0], expected)


def test_who_would_rather_be_called_says_where_and_when() -> None:
    call = CallBack(" +44\u20071482 300300 ", TimeOfDay.EVENING)
    assert call.phone == "+44 1482 300300"
    asked = questions.ask(ORDER, "Please ring", call, NOW, "the desk")
    assert asked.order.callback == Callback(2, NOW + timedelta(hours=8))
    assert read(asked.order, 2) == "+44 1482 300300"
    data = {"said": 1, "phone": 2, "when": "evening"}
    assert asked.events == (Event(NOW, "asked_for_a_person", "customer", data),)


def test_an_answer_closes_it_and_goes_out_by_mail() -> None:
    asked = questions.ask(ORDER, "Where is it?", CallBack("+44 1482 300300"), NOW, "the desk").order
    answered = questions.answer(asked, "On its way.", LATER, "Ann")
    assert (answered.order.holds, answered.order.callback) == (ORDER.holds, None)
    [mail] = answered.order.notices
    assert (mail.kind, mail.due_at, read(answered.order, mail.said)) == (NoticeKind.ANSWER, LATER, "On its way.")
    assert answered.events == (Event(LATER, "answered", "Ann", {"said": 3}),)
    with not_now("answered", "answer"):
        questions.answer(answered.order, "Again", LATER, "Ann")


def test_texts_that_cannot_be_kept_are_refused_by_their_name() -> None:
    card = "4242 4242 4242 4242"
    with refused("question", "card_number", "Please leave card numbers out."):
        questions.ask(ORDER, card, None, NOW, "the desk")
    with refused("phone", "card_number", "Please leave card numbers out."):
        questions.ask(ORDER, "Please ring", CallBack(card), NOW, "the desk")
    with refused("answer", "card_number", "Please leave card numbers out."):
        questions.answer(questions.ask(ORDER, "Hm?", None, NOW, "the desk").order, card, LATER, "Ann")
