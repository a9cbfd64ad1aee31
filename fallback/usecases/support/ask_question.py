"""The customer asks an agent a question. The order is processed in the meantime."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.support import questions
from fallback.domain.support.questions import CallBack
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def desk(self) -> str: ...


def ask_question(deps: Deps, ref: str, words: str, call_back: CallBack | None) -> Order:
    """Raises Invalid (question, phone), and NotAllowedNow once the personal data is erased."""
    return record(
        deps.ledger,
        deps.ledger.load(ref),
        lambda order: questions.ask(order, words, call_back, deps.clock(), deps.desk),
    )
