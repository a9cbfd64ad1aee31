"""One phone number has many spellings."""

from __future__ import annotations

import pytest

from fallback.domain import phones


@pytest.mark.parametrize(
    ("known", "region", "asked", "same"),
    [
        ("+44 1482 300300", "GB", "+44 (1482) 300300", True),
        ("+44 1482 300300", "GB", "01482 300300", True),
        ("01482 300300", "GB", "+44 1482 300300", True),
        ("01482 300300", "GB", "44 1482 300300", True),
        ("44 1482 300300", "GB", "+44 1482 300300", True),
        ("01482 300300", "DE", "+44 1482 300300", False),
        ("01482 300300", "", "+44 1482 300300", False),
        ("01482 300300", "", "01482-300300", True),
        ("+44 1482 300300", "", "+44 1482 300300", True),
        ("+44 1482 300300", "GB", "+44 1482 300301", False),
        ("none", "GB", "01482 300300", False),
        ("300300", "GB", "44300300", False),  # too short for a number whose plus was omitted
    ],
)
def test_a_number_is_known_in_any_spelling(known: str, region: str, asked: str, same: bool) -> None:
    assert phones.same(known, region, asked) is same


def test_digits_are_what_is_left_without_signs() -> None:
    assert phones.digits("+44 (1482) 30-03-00") == "441482300300"
    assert phones.last_digits("+44 1482 300-301") == phones.last_digits("01482 300301") == "300301"
    assert phones.plain("０１４８２\u2013３００") == "01482-300"
    assert phones.plain("01482-300") == "01482-300"
    assert phones.plain("۰۱۴۸۲-۳۰۰") == phones.plain("٠١٤٨٢-٣٠٠") == "01482-300"


@pytest.mark.parametrize(
    ("typed", "link"),
    [
        ("+44 1482 300-300", "tel:+441482300300"),
        (" \uff0b44 1482 300300 ", "tel:+441482300300"),
        ("(01482) 30 03 00", "tel:01482300300"),
    ],
)
def test_a_number_is_dialled_in_any_spelling(typed: str, link: str) -> None:
    assert phones.dialled(typed) == link


def test_a_mobile_number_is_known_without_the_plus_before_its_country_code() -> None:
    assert phones.mobile("44 7400 123456", "DE") == "+447400123456"


@pytest.mark.parametrize(
    ("number", "country"),
    [
        ("+447400123456", "GB"),
        ("+12001230101", ""),  # no country of North America has it
        ("44", ""),
        ("", ""),
    ],
)
def test_the_country_of_a_number(number: str, country: str) -> None:
    assert phones.country(number) == country


def test_a_country_has_phone_numbers() -> None:
    assert phones.is_country("GB")
    assert not phones.is_country("UK")
