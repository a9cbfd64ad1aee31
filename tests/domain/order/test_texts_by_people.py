"""What people write is kept with the customer's data."""

from __future__ import annotations

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Invalid, NotAllowedNow
from fallback.domain.order import texts_by_people
from tests.builders import an_order


def test_each_text_is_found_by_its_id() -> None:
    order, first = texts_by_people.say(an_order(), "note", " She called at nine. ")
    order, second = texts_by_people.say(order, "note", "She called again.")

    assert [texts_by_people.read(order, first), texts_by_people.read(order, second)] == [
        "She called at nine.",
        "She called again.",
    ]


@pytest.mark.parametrize(("text", "code"), [("  ", "empty"), ("\u200b\u200d", "empty"), ("x" * 2_001, "too_long")])
def test_a_text_is_refused_by_the_name_of_its_field(text: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        texts_by_people.say(an_order(), "question", text)

    assert (refused.value.field, refused.value.code) == ("question", code)


def test_after_the_data_is_erased_nothing_is_read_or_written() -> None:
    order, first = texts_by_people.say(an_order(), "note", "She called.")
    erased = replace(order, customer=None)

    assert texts_by_people.read(erased, first) == ""
    with pytest.raises(NotAllowedNow):
        texts_by_people.say(erased, "note", "And again.")
