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
    ],
)
def test_a_number_is_known_in_any_spelling(known: str, region: str, asked: str, same: bool) -> None:
    assert phones.same(known, region, asked) is same


def test_digits_are_what_is_left_without_signs() -> None:
    assert phones.digits("+44 (1482) 30-03-00") == "441482300300"
    assert phones.last_digits("+44 1482 300-301") == "300301"
    assert phones.plain("０１４８２\u2013３００") == "01482-300"
    assert phones.plain("01482-300") == "01482-300"
