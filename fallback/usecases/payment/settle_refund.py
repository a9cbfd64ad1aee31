"""A person gave the customer what a refund did not bring there, in another way: by a transfer, or with the goods."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.grants import Answer
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.payment import sent_back
from fallback.domain.support.late import act


def settle_refund(ref: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Nothing is sent to the card for it any more. Raises Late, NotAllowedNow if nothing came back, or not any more."""
    return act(ledger, ref, who, seen, lambda order: sent_back.answered(order, Answer.OTHERWISE, clock(), who))
