"""Amounts of money in the format of the locale, such as '12,50 €' or '12.50': read exactly, never rounded."""

from __future__ import annotations

import re
from decimal import Decimal

from babel import Locale
from babel.numbers import NumberFormatError, get_currency_symbol, parse_decimal

from fallback.domain.errors import Invalid
from fallback.domain.money import Money, decimals_of

LONGEST = 20
_FIGURES = re.compile(r"[0-9][0-9.,'’]*")


def read_amount(text: str, currency: str, locale: str, field: str) -> int:
    """Minor units. Raises Invalid: 'not_an_amount', 'too_many_decimals' or 'not_positive'."""
    where = Locale.parse(locale, sep="-")
    figures = "".join(text.split())
    for name in (currency, get_currency_symbol(currency, where), get_currency_symbol(currency, "en")):
        figures = figures.removeprefix(name).removesuffix(name)
    if len(figures) > LONGEST or not _FIGURES.fullmatch(figures):
        raise Invalid(field, "not_an_amount", "Enter an amount.")
    try:
        # Strict: '1,50' in English is an error, not 150.
        amount: Decimal = parse_decimal(figures, where, strict=True)
    except NumberFormatError as error:
        raise Invalid(field, "not_an_amount", "Enter an amount.") from error
    minor = amount.scaleb(decimals_of(currency))
    if minor != minor.to_integral_value():
        raise Invalid(field, "too_many_decimals", f"{currency} has {decimals_of(currency)} decimals.")
    if minor <= 0:
        raise Invalid(field, "not_positive", "Enter an amount above zero.")
    return int(minor)


def typed(money: Money, locale: str) -> str:
    """An amount without its currency, in the format for typing."""
    text = f"{money.decimal:f}"
    return text.replace(".", Locale.parse(locale, sep="-").number_symbols["latn"]["decimal"])
