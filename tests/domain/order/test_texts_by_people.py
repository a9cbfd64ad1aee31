"""Texts by people are stored with the customer's data."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.order import texts_by_people
from tests.builders import an_order
from tests.refusals import not_now, refused


def test_each_text_is_found_by_its_id() -> None:
    order, first = texts_by_people.say(an_order(), "note", " The customer called at nine. ")
    order, second = texts_by_people.say(order, "note", "The customer called again.")

    assert [texts_by_people.read(order, first), texts_by_people.read(order, second)] == [
        "The customer called at nine.",
        "The customer called again.",
    ]


@pytest.mark.parametrize(
    ("text", "code", "detail"),
    [
        ("  ", "empty", "Please write something."),
        ("\u200b\u200d", "empty", "Please write something."),
        ("x" * 2_001, "too_long", "At most 2000 characters."),
        ("4242 4242 4242 4242", "card_number", "Please leave card numbers out."),
    ],
)
def test_a_text_is_refused_by_the_name_of_its_field(text: str, code: str, detail: str) -> None:
    with refused("question", code, detail):
        texts_by_people.say(an_order(), "question", text)


def test_an_order_keeps_a_limited_number_of_texts() -> None:
    order = an_order()
    longest = "x" * 2_000
    for _ in range(200):
        order, last = texts_by_people.say(order, "note", longest)
    assert (last, texts_by_people.read(order, 200)) == (200, longest)
    with not_now("full", "say"):
        texts_by_people.say(order, "note", "One more.")


def test_an_optional_text_that_is_empty_gets_no_id() -> None:
    order = an_order()
    assert texts_by_people.say_if_any(order, "tried", " ") == (order, 0)
    assert texts_by_people.say_if_any(order, "tried", "Rang")[1] == 1


def test_after_the_data_is_erased_nothing_is_read_or_written() -> None:
    order, first = texts_by_people.say(an_order(), "note", "The customer called.")
    erased = replace(order, customer=None)

    assert texts_by_people.read(erased, first) == ""
    with not_now("erased", "say"):
        texts_by_people.say(erased, "note", "And again.")
