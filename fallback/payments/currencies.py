"""Amounts on their way to Stripe and back: Stripe's minor units are not everywhere those of ISO 4217.

Source: https://docs.stripe.com/currencies ('Minor units in API amounts', 'Special cases', 'Minimum and maximum charge
amounts').
"""

from __future__ import annotations

from fallback.domain.errors import Refused
from fallback.domain.money import Money, decimals_of
from fallback.domain.payment.charging import SumLimit, Unchargeable

# Where Stripe counts otherwise than ISO 4217: the króna and the Ugandan shilling lost their decimals, but Stripe still
# wants them (as 00); the ariary has two on paper and none at Stripe.
_OWN_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
# Three decimals, of which the payment partners take two: the last digit has to be 0.
_LAST_DIGIT_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})
# The smallest charge in Stripe's minor units, for an account that is paid out in the same currency. For one that is
# paid out in another, Stripe converts and compares with that one's minimum, which cannot be known here.
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
# Eight digits; twelve for the rupiah.
_MOST, _MOST_IDR = 99_999_999, 999_999_999_999


def chargeable(total: Money) -> Unchargeable | None:
    """None if Stripe can charge it, else why it cannot."""
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
    """The next sum that has no digits which Stripe does not take: they are the decimals it lacks, or the last one."""
    _, fewer = _factors(total.currency)
    step = max(fewer, 10)
    return Money(-(-total.amount // step) * step, total.currency)


def to_stripe(money: Money) -> int:
    """The amount as Stripe counts it. Raises Refused('amount_not_chargeable') rather than round what somebody owes."""
    more, fewer = _factors(money.currency)
    amount, rest = divmod(money.amount * more, fewer)
    if rest or (money.currency in _LAST_DIGIT_ZERO and amount % 10):
        raise Refused("amount_not_chargeable", f"Stripe cannot charge {money.decimal} {money.currency} exactly")
    return amount


def from_stripe(amount: int, currency: str) -> Money:
    """`currency` as Stripe writes it (lower case) or as we do."""
    currency = currency.upper()
    more, fewer = _factors(currency)
    return Money(amount * fewer // more, currency)


def _factors(currency: str) -> tuple[int, int]:
    """By what our amounts are multiplied and divided to become Stripe's."""
    ours = decimals_of(currency)
    theirs = _OWN_DECIMALS.get(currency, ours)
    return 10 ** max(theirs - ours, 0), 10 ** max(ours - theirs, 0)
