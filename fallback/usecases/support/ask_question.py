"""The customer asks for a person. Nothing of her order waits for the answer."""

from __future__ import annotations

from fallback.domain.clock import Clock
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.support import questions
from fallback.domain.support.questions import CallBack


def ask_question(ref: str, words: str, call_back: CallBack | None, *, ledger: Ledger, clock: Clock, desk: str) -> Order:
    """Raises Invalid (question, phone), and NotAllowedNow once the personal data is erased."""
    return record(ledger, ledger.load(ref), lambda order: questions.ask(order, words, call_back, clock(), desk))
