"""An agent answers the customer's question, by mail and on the order's page."""

from __future__ import annotations

from fallback.domain.order.order import Order
from fallback.domain.support import questions
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def answer_question(deps: OrderDeps, ref: str, words: str, who: str, seen: int) -> Order:
    """Raises Late, Invalid, and NotAllowedNow if there is no question."""
    return act(deps.ledger, ref, who, seen, lambda order: questions.answer(order, words, deps.clock(), who))
