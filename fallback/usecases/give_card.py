"""The customer gives a card on the order's page: the first one after 'pay later', or another after a decline."""

from __future__ import annotations

from fallback.domain import payment
from fallback.domain.order import Order
from fallback.domain.ports import Clock, Ledger
from fallback.domain.recording import record


def give_card(ref: str, token: str, who: str, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises NotAllowedNow while a payment is being made or after it was, Invalid after too many cards."""
    return record(ledger, ledger.load(ref), lambda order: payment.give_card(order, token, clock(), who))
