"""A person notes something about an order, for herself and for whoever looks after it next."""

from __future__ import annotations

from fallback.domain import said
from fallback.domain.clock import Clock
from fallback.domain.ledger import Ledger
from fallback.domain.order import Change, Event, Order
from fallback.domain.recording import record


def add_note(ref: str, text: str, who: str, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Invalid, and NotAllowedNow once the personal data is erased. A note is true whoever was first."""

    def noted(order: Order) -> Change:
        order, word = said.say(order, "note", text)
        return Change(order, (Event(clock(), "noted", who, {"said": word}),))

    return record(ledger, ledger.load(ref), noted)
