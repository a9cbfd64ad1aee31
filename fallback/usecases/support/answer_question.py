"""A person answers what the customer asked; the answer goes out by mail and stands on her page."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.support import questions
from fallback.domain.support.late import act


def answer_question(ref: str, words: str, who: str, seen: int, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Late, Invalid, and NotAllowedNow if there is no question."""
    return act(ledger, ref, who, seen, lambda order: questions.answer(order, words, clock(), who))
