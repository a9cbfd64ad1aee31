"""Oscar counts in decimals, Fallback in integers of the currency's smallest unit (ISO 4217)."""

from decimal import Decimal

from babel.numbers import get_currency_precision


def to_minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(get_currency_precision(currency)).to_integral_value())


def from_minor(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-get_currency_precision(currency))
