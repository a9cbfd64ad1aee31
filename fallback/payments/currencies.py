"""Convert amounts to and from Stripe's minor units, which differ from ISO 4217 for some currencies.

Source: https://docs.stripe.com/currencies ('Minor units in API amounts', 'Special cases', 'Minimum and maximum charge
amounts').
"""

from __future__ import annotations

from fallback.domain.errors import Refused
from fallback.domain.money import Money, decimals_of
from fallback.domain.payment.charging import SumLimit, Unchargeable

# Currencies with other decimals at Stripe than in ISO 4217: the króna and the Ugandan shilling have none in ISO 4217,
# but Stripe requires two (00). The ariary has two in ISO 4217 and none at Stripe.
_OWN_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
# Currencies with three decimals, of which card networks accept two: the last digit must be 0.
_LAST_DIGIT_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# Minimum charge in Stripe's minor units for an account with the same payout currency. For another payout currency
# Stripe converts the amount and applies that currency's minimum, which is not known here.
_LEAST = {
    "USD": 50,
    "AED": 200,
    "AUD": 50,
    "BGN": 100,
    "BRL": 50,
    "CAD": 50,
    "CHF": 50,
    "CZK": 1_500,
    "DKK": 250,
    "EUR": 50,
    "GBP": 30,
    "HKD": 400,
    "HUF": 17_500,
    "INR": 50,
    "JPY": 50,
    "MXN": 1_000,
    "MYR": 200,
    "NOK": 300,
    "NZD": 50,
    "PLN": 200,
    "RON": 200,
    "SEK": 300,
    "SGD": 50,
    "THB": 1_000,
}
# Maximum charge: eight digits, twelve for the rupiah.
_MOST, _MOST_IDR = 99_999_999, 999_999_999_999


def chargeable(total: Money) -> Unchargeable | None:
    """The reason why Stripe cannot charge this total, or None."""
    currency = total.currency
    try:
        amount = to_stripe(total)
    except Refused:
        return Unchargeable(SumLimit.NOT_EXACT, _next_exact(total))
    least, most = _LEAST.get(currency, 1), _MOST_IDR if currency == "IDR" else _MOST
    if currency in _LAST_DIGIT_ZERO:
        most -= most % 10
    if amount < least:
        return Unchargeable(SumLimit.TOO_SMALL, from_stripe(least, currency))
    return Unchargeable(SumLimit.TOO_LARGE, from_stripe(most, currency)) if amount > most else None


def _next_exact(total: Money) -> Money:
    """The next higher total that Stripe can charge exactly."""
    _, fewer = _factors(total.currency)
    step = max(fewer, 10)
    return Money(-(-total.amount // step) * step, total.currency)


def to_stripe(money: Money) -> int:
    """In Stripe's minor units. Raises Refused('amount_not_chargeable') instead of rounding."""
    more, fewer = _factors(money.currency)
    amount, rest = divmod(money.amount * more, fewer)
    if rest or (money.currency in _LAST_DIGIT_ZERO and amount % 10):
        raise Refused("amount_not_chargeable", f"Stripe cannot charge {money.decimal} {money.currency} exactly")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """`currency`: in lower case, as Stripe writes it, or in upper case."""
    currency = currency.upper()
    more, fewer = _factors(currency)
    return Money(amount * fewer // more, currency)


def _factors(currency: str) -> tuple[int, int]:
    """The multiplier and the divisor that convert our amount into Stripe's."""
    ours = decimals_of(currency)
    theirs = _OWN_DECIMALS.get(currency, ours)
    return 10 ** max(theirs - ours, 0), 10 ** max(ours - theirs, 0)
