"""A customer is called at the time that was arranged, once."""

from __future__ import annotations

from datetime import timedelta

from msgspec.structs import replace

from fallback.domain.order.handover_and_callback import Callback
from fallback.domain.order.order import Event
from fallback.domain.order.texts_by_people import read
from fallback.domain.support import callbacks
from tests.builders import CUSTOMER, NOW, an_order
from tests.refusals import not_now, refused

ORDER = an_order(customer=CUSTOMER)
AT = NOW + timedelta(hours=2)


def test_a_call_is_arranged_and_moved_and_its_number_kept_with_the_personal_data() -> None:
    arranged = callbacks.arrange(ORDER, "+44 1482 300300", AT, NOW, "Ann")
    assert arranged.order.callback == Callback(1, AT)
    assert read(arranged.order, 1) == "+44 1482 300300"
    assert arranged.events == (Event(NOW, "call_arranged", "Ann"),)
    moved = callbacks.arrange(arranged.order, "+44 1482 300301", AT + timedelta(hours=1), NOW, "Ann")
    assert moved.order.callback == Callback(2, AT + timedelta(hours=1))


def test_closing_a_callback_records_its_result_once() -> None:
    arranged = callbacks.arrange(ORDER, "+44 1482 300300", AT, NOW, "Ann").order
    closed = callbacks.close(arranged, "Nobody answered", NOW, "Bo")
    assert closed.order.callback is None
    assert read(closed.order, 2) == "Nobody answered"
    assert closed.events == (Event(NOW, "called", "Bo", {"said": 2}),)
    with not_now("no_call", "close_call"):
        callbacks.close(closed.order, "Again", NOW, "Bo")


def test_a_call_needs_a_number_and_a_time_to_come() -> None:
    with refused("phone", "phone", "Please enter a phone number."):
        callbacks.arrange(ORDER, "by the door", AT, NOW, "Ann")
    with refused("phone", "card_number", "Please leave card numbers out."):
        callbacks.arrange(ORDER, "4242 4242 4242 4242", AT, NOW, "Ann")
    with refused("at", "past", "This time is in the past."):
        callbacks.arrange(ORDER, "+44 1482 300300", NOW, NOW, "Ann")
    with refused("word", "empty", "Please write something."):
        callbacks.close(replace(ORDER, callback=Callback(1, AT)), " ", NOW, "Ann")
