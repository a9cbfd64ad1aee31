"""A person gave the customer what a refund did not bring there, in another way: by a transfer, or with the goods."""

from __future__ import annotations

from fallback.domain import sent_back
from fallback.domain.acting import act
from fallback.domain.clock import Clock
from fallback.domain.grants import Answer
from fallback.domain.ledger import Ledger
from fallback.domain.order import Order


def settle_refund(ref: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Nothing is sent to the card for it any more. Raises Late, NotAllowedNow if nothing came back, or not any more."""
    return act(ledger, ref, who, seen, lambda order: sent_back.answered(order, Answer.OTHERWISE, clock(), who))
