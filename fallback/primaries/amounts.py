"""Money as shops write it: decimals in major units."""

from __future__ import annotations

from collections.abc import Sequence
from decimal import ROUND_HALF_UP, Decimal

from fallback.domain.money import Money, decimals_of


def major(amount: int, currency: str) -> Decimal:
    """1299 EUR -> 12.99, 1299 JPY -> 1299. In JSON it is a text, unless the kind's encoder says otherwise."""
    return Money(amount, currency).decimal


def minor(amount: Decimal, currency: str) -> int:
    """A sum of the shop's own can have more decimals than its currency; it is rounded half up."""
    return int(amount.scaleb(decimals_of(currency)).quantize(Decimal(1), ROUND_HALF_UP))


def shared_out(amount: int, values: Sequence[int]) -> list[int]:
    """`amount` in parts by these values, none larger than its value: they add up to it, to the cent.

    What rounding down leaves goes to those that it took the most from.
    """
    whole = sum(values)
    if not whole:
        return [0] * len(values)
    parts = [amount * value // whole for value in values]
    lost_most = sorted(range(len(values)), key=lambda index: -(amount * values[index] % whole))
    for index in lost_most[: amount - sum(parts)]:
        parts[index] += 1
    return parts
