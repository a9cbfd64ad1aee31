"""'Did you already buy this?': either answer resolves the question, from the customer or an agent."""

from __future__ import annotations

from enum import StrEnum

from fallback.domain.order.order import Change, Order
from fallback.domain.order.record import record
from fallback.domain.placement import rivals
from fallback.usecases.deps import OrderDeps


class RivalAnswer(StrEnum):
    """`same`: the customer already has it, so this order is cancelled. `apart`: the customer wants both."""

    SAME = "same"
    APART = "apart"


def answer_rival_question(deps: OrderDeps, ref: str, answer: RivalAnswer, who: str, question: str = "") -> Order:
    """`question`: as in `rivals.keep_other`. Raises NotAllowedNow if it is not open any more."""

    def answered(order: Order) -> Change:
        keep = rivals.keep_other if answer is RivalAnswer.SAME else rivals.keep_both
        return keep(order, deps.clock(), who, question)

    return record(deps.ledger, deps.ledger.load(ref), answered)
