"""Amounts on their way to Stripe and back: Stripe's minor units are not everywhere those of ISO 4217.

Source: https://docs.stripe.com/currencies ('Minor units in API amounts', 'Special cases').
"""

from __future__ import annotations

from fallback.domain.errors import Refused
from fallback.domain.money import Money, decimals_of

# Where Stripe counts otherwise than ISO 4217: the króna and the Ugandan shilling lost their decimals, but Stripe still
# wants them (as 00); the ariary has two on paper and none at Stripe.
_OWN_DECIMALS = {"ISK": 2, "UGX": 2, "MGA": 0}
# Three decimals, of which the payment partners take two: the last digit has to be 0.
_LAST_DIGIT_ZERO = frozenset({"BHD", "JOD", "KWD", "OMR", "TND"})


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
