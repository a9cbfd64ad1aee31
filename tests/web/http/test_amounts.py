"""Amounts are read in the formats of each locale, exactly or not at all."""

from __future__ import annotations

from contextlib import suppress

import pytest
from hypothesis import given
from hypothesis import strategies as st

from fallback.domain.errors import Invalid
from fallback.domain.money import Money
from fallback.i18n import money
from fallback.web.http.amounts import read_amount, typed

LOCALES = ["en", "en-GB", "de", "de-AT", "de-CH"]
CURRENCIES = ["EUR", "JPY", "KWD", "GBP", "CHF", "CLF"]
places = st.sampled_from(LOCALES)
amounts = st.builds(Money, st.integers(1, 10**9), st.sampled_from(CURRENCIES))


@given(amounts, places)
def test_what_is_shown_as_an_example_is_read_as_it_was_meant(amount: Money, locale: str) -> None:
    assert read_amount(typed(amount, locale), amount.currency, locale, "amount") == amount.amount


@given(amounts, places)
def test_what_a_page_shows_can_be_typed_into_a_form(amount: Money, locale: str) -> None:
    assert read_amount(money(amount, locale), amount.currency, locale, "amount") == amount.amount


@pytest.mark.parametrize(
    ("text", "currency", "locale", "minor"),
    [
        ("12.50", "EUR", "en", 1_250),
        ("12,50", "EUR", "de", 1_250),
        ("12,50 €", "EUR", "de", 1_250),
        ("1,250", "EUR", "en", 125_000),
        ("1.250,00", "EUR", "de", 125_000),
        ("1250", "JPY", "en", 1_250),
        ("1.250", "KWD", "en", 1_250),
        ("€ 5", "EUR", "en", 500),
        ("5 EUR", "EUR", "de", 500),
    ],
)
def test_amounts_are_read_in_the_formats_of_the_locale(text: str, currency: str, locale: str, minor: int) -> None:
    assert read_amount(text, currency, locale, "amount") == minor


@pytest.mark.parametrize(
    ("text", "currency", "locale", "code"),
    [
        ("12,50", "EUR", "en", "not_an_amount"),
        ("12.50", "EUR", "de", "not_an_amount"),
        ("12.505", "EUR", "en", "too_many_decimals"),
        ("12.5", "JPY", "en", "too_many_decimals"),
        ("12.5055", "KWD", "en", "too_many_decimals"),
        ("12 USD", "EUR", "en", "not_an_amount"),
        ("1e3", "EUR", "en", "not_an_amount"),
        ("NaN", "EUR", "en", "not_an_amount"),
        ("-5", "EUR", "en", "not_an_amount"),
        ("٥", "EUR", "en", "not_an_amount"),
        (".5", "EUR", "en", "not_an_amount"),
        ("9" * 30, "EUR", "en", "not_an_amount"),
        ("0.00", "EUR", "en", "not_positive"),
    ],
)
def test_ambiguous_or_invalid_amounts_are_refused(text: str, currency: str, locale: str, code: str) -> None:
    with pytest.raises(Invalid) as refused:
        read_amount(text, currency, locale, "amount")
    assert (refused.value.field, refused.value.code) == ("amount", code)


@given(st.text(max_size=30), st.sampled_from(CURRENCIES), places)
def test_whatever_is_typed_is_an_amount_or_a_mistake(text: str, currency: str, locale: str) -> None:
    with suppress(Invalid):
        assert read_amount(text, currency, locale, "amount") > 0
