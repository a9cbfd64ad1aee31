"""Figures as people read them: exactly what is charged, whatever cash a country still uses."""

from __future__ import annotations

from decimal import Decimal

import pytest
from babel import Locale
from babel.numbers import parse_decimal

from fallback import i18n
from fallback.domain.money import DECIMALS, Money, decimals_of
from ops.demo.shop.fallback_connect.money import from_minor, to_minor

LOCALES = ("en", "de", "de-CH", "fr", "sr", "hu", "ja")
# Those of which CLDR shows fewer decimals than ISO 4217 has, and others.
CURRENCIES = (*DECIMALS, "RSD", "HUF", "IDR", "COP", "ALL", "MGA", "PKR", "LAK", "SEK", "EUR", "XXX")


def shown(money: Money, locale: str) -> Decimal:
    """The number that somebody reads."""
    text = i18n.money(money, locale)
    figures = text.strip("".join(each for each in text if not each.isdecimal()))
    return parse_decimal(figures, Locale.parse(locale, sep="-"))


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_amount_that_is_shown_is_the_amount_that_is_charged(currency: str) -> None:
    for locale in LOCALES:
        for amount in (447, 496, 0, 1, 129_949):
            assert shown(Money(amount, currency), locale) == Money(amount, currency).decimal, locale


def test_all_decimals_stand_there() -> None:
    shown_as = [i18n.money(Money(1200, each), "en") for each in ("EUR", "JPY", "KWD", "RSD")]
    assert [each.replace("\N{NO-BREAK SPACE}", "") for each in shown_as] == ["€12.00", "¥1,200", "KWD1.200", "RSD12.00"]


@pytest.mark.parametrize("currency", CURRENCIES)
def test_the_example_shop_signs_what_it_asks(currency: str) -> None:
    for amount in (129_949, 1, 447):
        assert from_minor(amount, currency) == Money(amount, currency).decimal
        assert to_minor(Money(amount, currency).decimal, currency) == amount
    assert to_minor(Decimal(1), currency) == 10 ** decimals_of(currency)
