from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.primaries.amounts import major, minor, shared_out

AMOUNTS = st.integers(0, 99_999_999_999)
CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@pytest.mark.parametrize(
    ("amount", "currency", "text"),
    [(1299, "EUR", "12.99"), (1299, "JPY", "1299"), (1299, "KWD", "1.299"), (0, "EUR", "0.00"), (5, "EUR", "0.05")],
)
def test_an_amount_is_written_in_major_units(amount: int, currency: str, text: str) -> None:
    assert major(amount, currency) == text


@given(AMOUNTS, CURRENCIES)
def test_what_is_written_reads_back_exactly(amount: int, currency: str) -> None:
    assert minor(Decimal(major(amount, currency)), currency) == amount


@pytest.mark.parametrize(("text", "amount"), [("10.924370", 1092), ("10.925", 1093), ("0.005", 1), ("0.0049", 0)])
def test_more_decimals_than_the_currency_has_are_rounded_as_woocommerce_does(text: str, amount: int) -> None:
    assert minor(Decimal(text), "EUR") == amount


@given(st.data(), st.lists(st.integers(0, 10**9), min_size=1, max_size=200))
def test_a_discount_is_shared_out_to_the_cent_and_takes_no_line_below_zero(
    data: st.DataObject, values: list[int]
) -> None:
    amount = data.draw(st.integers(0, sum(values)))

    parts = shared_out(amount, values)

    assert sum(parts) == amount
    assert all(0 <= part <= value for part, value in zip(parts, values, strict=True))
