"""Amounts are decimals in Medusa's JSON and whole minor units here, and are the same on both sides."""

from __future__ import annotations

from decimal import Decimal

import msgspec
import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.errors import OutcomeUnknown
from fallback.primaries.medusa.admin import AS_NUMBERS
from fallback.primaries.medusa.amounts import major, minor, rounded

CURRENCIES = st.sampled_from(["EUR", "JPY", "KWD", "CLF"])


@given(st.integers(0, 99_999_999_999), CURRENCIES)
def test_an_amount_comes_back_as_it_was_sent(amount: int, currency: str) -> None:
    sent = AS_NUMBERS.encode(major(amount, currency))

    assert minor(msgspec.json.decode(sent, type=Decimal), currency) == amount


def test_amounts_are_sent_as_numbers_without_more_digits_than_they_have() -> None:
    amounts = [major(1299, "EUR"), major(10, "EUR"), major(1299, "JPY"), major(1299, "KWD")]

    assert AS_NUMBERS.encode(amounts) == b"[12.99,0.10,1299,1.299]"


@pytest.mark.parametrize(("amount", "currency"), [("12.995", "EUR"), ("0.5", "JPY")])
def test_a_price_of_a_fraction_is_not_rounded(amount: str, currency: str) -> None:
    with pytest.raises(OutcomeUnknown, match=amount):
        minor(Decimal(amount), currency)


@pytest.mark.parametrize(("amount", "there"), [("28.1249", 2812), ("28.125", 2813), ("23.988", 2399)])
def test_a_total_with_tax_is_rounded_half_up(amount: str, there: int) -> None:
    assert rounded(Decimal(amount), "EUR") == there
