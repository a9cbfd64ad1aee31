"""Money is an integer of minor units with a currency (ISO 4217)."""

from __future__ import annotations

from decimal import Decimal

from msgspec import Struct

# ISO 4217: a currency that is not listed here has two decimals.
_DECIMALS = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
DECIMALS = {currency: decimals for decimals, names in _DECIMALS.items() for currency in names.split()}


class Money(Struct, frozen=True):
    """`amount` in minor units (cents, yen, fils) of `currency`."""

    amount: int
    currency: str

    @property
    def decimal(self) -> Decimal:
        """The amount in major units: 1299 EUR -> 12.99, 1299 JPY -> 1299, 1299 KWD -> 1.299."""
        return Decimal(self.amount).scaleb(-decimals_of(self.currency))

    def __str__(self) -> str:
        """For texts that people read: 12.99 EUR."""
        return f"{self.decimal} {self.currency}"


def decimals_of(currency: str) -> int:
    """The number of decimals of a currency's minor unit."""
    return DECIMALS.get(currency, 2)
