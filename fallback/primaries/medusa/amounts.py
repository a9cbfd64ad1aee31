"""Amounts as Medusa 2 has them: decimals in major units."""

from __future__ import annotations

from decimal import ROUND_HALF_UP, Decimal

from fallback.domain.errors import OutcomeUnknown
from fallback.domain.money import Money, decimals_of

WHOLE = Decimal(1)


def major(amount: int, currency: str) -> Decimal:
    """1299 EUR -> 12.99, 1299 JPY -> 1299."""
    return Money(amount, currency).decimal


def minor(amount: Decimal, currency: str) -> int:
    """12.99 EUR -> 1299. Raises OutcomeUnknown for a price that the currency's minor unit cannot express."""
    scaled = amount.scaleb(decimals_of(currency))
    if scaled != scaled.to_integral_value():
        raise OutcomeUnknown(f"Medusa has {amount} {currency}, which is no whole number of minor units")
    return int(scaled)


def rounded(amount: Decimal, currency: str) -> int:
    """Of a sum with tax, which Medusa does not round: 23.988 EUR -> 2399."""
    return int(amount.scaleb(decimals_of(currency)).quantize(WHOLE, ROUND_HALF_UP))
