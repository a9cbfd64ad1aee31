from __future__ import annotations

from contextlib import suppress

from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.errors import Refused
from fallback.domain.money import DECIMALS, Money, decimals_of
from fallback.payments.currencies import from_stripe, to_stripe

# https://docs.stripe.com/currencies#zero-decimal, without UGX, which its special cases make a two-decimal one.
ZERO_DECIMAL = ["BIF", "CLP", "DJF", "GNF", "JPY", "KMF", "KRW", "MGA", "PYG", "RWF", "VND", "VUV", "XAF", "XOF", "XPF"]
CURRENCIES = st.sampled_from(sorted({*DECIMALS, *ZERO_DECIMAL, "EUR", "USD", "GBP"}))
AMOUNTS = st.integers(min_value=0, max_value=10**9)


@given(AMOUNTS, CURRENCIES)
def test_money_comes_back_as_it_went_or_does_not_go(amount: int, currency: str) -> None:
    money = Money(amount, currency)

    with suppress(Refused):
        assert from_stripe(to_stripe(money), currency.lower()) == money


@given(AMOUNTS)
def test_a_price_in_whole_units_can_always_be_charged(units: int) -> None:
    for currency in (*ZERO_DECIMAL, "EUR", "ISK", "UGX", "KWD", "TND"):
        assert to_stripe(Money(units * 10 ** decimals_of(currency), currency)) >= units


def test_stripe_counts_zero_decimal_currencies_in_whole_units() -> None:
    for currency in ZERO_DECIMAL:
        assert to_stripe(Money(5 * 10 ** decimals_of(currency), currency)) == 5


def test_stripe_wants_two_decimals_of_currencies_that_lost_them() -> None:
    assert [to_stripe(Money(5, currency)) for currency in ("ISK", "UGX")] == [500, 500]
