from __future__ import annotations

from decimal import Decimal

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.money import DECIMALS, Money, decimals_of


@pytest.mark.parametrize(
    ("amount", "currency", "in_words"),
    [
        (1299, "EUR", "12.99"),
        (1299, "JPY", "1299"),
        (1299, "KWD", "1.299"),
        (5, "USD", "0.05"),
        (12_345, "CLF", "1.2345"),
    ],
)
def test_an_amount_stands_for_its_currencys_decimals(amount: int, currency: str, in_words: str) -> None:
    assert str(Money(amount, currency).decimal) == in_words


@given(st.integers(), st.sampled_from([*DECIMALS, "EUR", "USD", "GBP"]))
def test_minor_units_come_back_from_the_decimal_exactly(amount: int, currency: str) -> None:
    scale = Decimal(10) ** decimals_of(currency)
    with_room = Money(amount % 10**20, currency)
    assert with_room.decimal * scale == with_room.amount


@given(st.integers(0, 10**11), st.sampled_from([*DECIMALS, "EUR"]))
def test_a_decimal_shows_every_decimal_of_its_currency(amount: int, currency: str) -> None:
    exponent = Money(amount, currency).decimal.as_tuple().exponent
    assert exponent == -decimals_of(currency)


def test_a_currency_that_is_not_named_has_two_decimals() -> None:
    assert decimals_of("EUR") == 2
    assert all(decimals_of(currency) == decimals != 2 for currency, decimals in DECIMALS.items())
