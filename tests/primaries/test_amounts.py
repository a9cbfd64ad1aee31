"""Amounts are decimals in a shop's JSON and whole minor units here, and are the same on both sides."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.primaries.amounts import major, minor, shared_out
from fallback.primaries.medusa.admin import AS_NUMBERS

AMOUNTS = st.integers(0, 99_999_999_999)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])
SOME = [major(1299, "EUR"), major(10, "EUR"), major(0, "EUR"), major(1299, "JPY"), major(1299, "KWD")]


@pytest.mark.parametrize("encoded", [msgspec.json.encode, AS_NUMBERS.encode], ids=["texts", "numbers"])
@given(AMOUNTS, CURRENCIES)
def test_an_amount_comes_back_as_it_was_sent(encoded: object, amount: int, currency: str) -> None:
    sent = encoded(major(amount, currency))  # type: ignore[operator]

    assert minor(msgspec.json.decode(sent, type=Decimal), currency) == amount


def test_amounts_are_sent_as_texts() -> None:
    assert msgspec.json.encode(SOME) == b'["12.99","0.10","0.00","1299","1.299"]'


def test_for_medusa_they_are_numbers_without_more_digits_than_they_have() -> None:
    assert AS_NUMBERS.encode(SOME) == b"[12.99,0.10,0.00,1299,1.299]"


@pytest.mark.parametrize(
    ("text", "amount"), [("10.924370", 1092), ("10.925", 1093), ("0.005", 1), ("0.0049", 0), ("23.988", 2399)]
)
def test_more_decimals_than_the_currency_has_are_rounded_half_up(text: str, amount: int) -> None:
    assert minor(Decimal(text), "EUR") == amount


@given(st.data(), st.lists(st.integers(0, 10**9), min_size=1, max_size=200))
def test_a_discount_is_shared_out_to_the_cent_and_takes_no_line_below_zero(
    data: st.DataObject, values: list[int]
) -> None:
    amount = data.draw(st.integers(0, sum(values)))

    parts = shared_out(amount, values)

    assert sum(parts) == amount
    assert all(0 <= part <= value for part, value in zip(parts, values, strict=True))
