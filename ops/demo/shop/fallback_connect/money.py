"""Oscar counts in decimals, Fallback in integers of the currency's smallest unit (ISO 4217).

The decimals are listed here because CLDR, and so Babel, has fewer for some currencies: those used for cash.
"""

from decimal import Decimal

_OTHER_THAN_TWO = {
    0: "BIF CLP DJF GNF ISK JPY KMF KRW PYG RWF UGX UYI VND VUV XAF XOF XPF",
    3: "BHD IQD JOD KWD LYD OMR TND",
    4: "CLF UYW",
}
_DECIMALS = {currency: decimals for decimals, names in _OTHER_THAN_TWO.items() for currency in names.split()}


def to_minor(amount: Decimal, currency: str) -> int:
    return int(amount.scaleb(_decimals(currency)).to_integral_value())


def from_minor(amount: int, currency: str) -> Decimal:
    return Decimal(amount).scaleb(-_decimals(currency))


def _decimals(currency: str) -> int:
    return _DECIMALS.get(currency, 2)
