from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.errors import Refused
from fallback.domain.money import DECIMALS, Money, decimals_of
from fallback.domain.payment.charging import SumLimit, Unchargeable
from fallback.payments.currencies import chargeable, from_stripe, to_stripe

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


# --- what can be charged at all


@pytest.mark.parametrize(
    ("total", "limit", "instead"),
    [
        (Money(20, "EUR"), SumLimit.TOO_SMALL, 50),
        (Money(29, "GBP"), SumLimit.TOO_SMALL, 30),
        (Money(49, "JPY"), SumLimit.TOO_SMALL, 50),
        (Money(999, "MXN"), SumLimit.TOO_SMALL, 1_000),
        (Money(100_000_000, "EUR"), SumLimit.TOO_LARGE, 99_999_999),
        (Money(1_000_000, "ISK"), SumLimit.TOO_LARGE, 999_999),
        (Money(100_000_000, "KWD"), SumLimit.TOO_LARGE, 99_999_990),
        (Money(1_000_000_000_000, "IDR"), SumLimit.TOO_LARGE, 999_999_999_999),
        (Money(1_799, "KWD"), SumLimit.NOT_EXACT, 1_800),
        (Money(1_250, "MGA"), SumLimit.NOT_EXACT, 1_300),
    ],
    ids=lambda value: f"{value.amount} {value.currency}" if isinstance(value, Money) else "",
)
def test_what_stripe_cannot_charge_is_known_with_the_nearest_that_it_can(
    total: Money, limit: SumLimit, instead: int
) -> None:
    refused = chargeable(total)
    assert refused == Unchargeable(limit, Money(instead, total.currency))
    assert chargeable(refused.instead) is None


@given(AMOUNTS.filter(bool), CURRENCIES)
def test_a_refused_total_is_never_the_total_that_is_suggested_instead(amount: int, currency: str) -> None:
    refused = chargeable(Money(amount, currency))
    if refused is None:
        assert to_stripe(Money(amount, currency)) <= 99_999_999
    else:
        assert refused.instead.amount != amount


def test_where_stripe_names_no_least_sum_the_smallest_coin_can_be_charged() -> None:
    assert chargeable(Money(1, "RSD")) is None


def test_a_sum_that_cannot_be_charged_is_named_as_people_write_it() -> None:
    with pytest.raises(Refused, match=r"^Stripe cannot charge 1\.799 KWD exactly$"):
        to_stripe(Money(1_799, "KWD"))


def test_the_rupiah_has_more_digits() -> None:
    assert chargeable(Money(999_999_999_999, "IDR")) is None
