"""What is wrong with JSON or TOML that people wrote is said in their words."""

from __future__ import annotations

from enum import StrEnum
from typing import Annotated

import msgspec
import pytest
from msgspec import Meta, Struct

from fallback.domain.errors import Damaged
from fallback.domain.misread import in_words


class Colour(StrEnum):
    RED = "red"


class Written(Struct, forbid_unknown_fields=True):
    figure: Annotated[int, Meta(ge=1)] = 1
    share: Annotated[float, Meta(le=1.0)] = 1.0
    name: Annotated[str, Meta(min_length=3)] = "Ann"
    names: Annotated[list[str], Meta(max_length=2)] = []
    word: Annotated[str, Meta(min_length=1)] = "a"
    currency: Annotated[str, Meta(pattern="^[A-Z]{3}$")] = "EUR"
    letter: Annotated[str, Meta(pattern="^[xyz]$")] = "x"
    either: int | str | None = None
    may_be_none: int | None = None
    colour: Colour = Colour.RED
    by_name: dict[str, int] = {}
    inner: Inner | None = None


class Inner(Struct):
    needed: int


@pytest.mark.parametrize(
    ("written", "said"),
    [
        ('{"figure": "1"}', "figure: a whole number is expected, not a text"),
        ('{"figure": 0}', "figure: a whole number of at least 1 is expected"),
        ('{"share": 1.5}', "share: a number of at most 1 is expected"),
        ('{"name": "A"}', "name: a text of at least 3 characters is expected"),
        ('{"names": ["a", "b", "c"]}', "names: a list [...] of at most 2 entries is expected"),
        ('{"word": ""}', "word: a text that is not empty is expected"),
        ('{"currency": "eur"}', "currency: a text of three capitals (EUR) is expected"),
        ('{"letter": "a"}', "letter: a text of the form ^[xyz]$ is expected"),
        ('{"either": []}', "either: a whole number or a text is expected, not a list [...]"),
        ('{"may_be_none": []}', "may_be_none: a whole number is expected, not a list [...]"),
        ('{"colour": "blue"}', "colour: this word is not one of those that are known"),
        ('{"by_name": {"a": "b"}}', "a value in by_name: a whole number is expected, not a text"),
        ('{"inner": {}}', "inner.needed is missing"),
        ('{"other": 1}', "other is not known"),
        ("[]", "an object {...} is expected, not a list [...]"),
        ("{", "it is no JSON: Input data was truncated"),
    ],
)
def test_it_names_the_place_and_what_is_expected_there(written: str, said: str) -> None:
    with pytest.raises(msgspec.DecodeError) as refused:
        msgspec.json.decode(written, type=Written)
    assert in_words(refused.value) == said


def test_a_damaged_order_is_tried_again_after_a_minute() -> None:
    assert Damaged("FB-1").after == 60
