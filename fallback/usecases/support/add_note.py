"""An agent adds a note to an order, for themselves and for the next owner."""

from __future__ import annotations

from fallback.domain.order import texts_by_people
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.order.record import record
from fallback.usecases.deps import OrderDeps


def add_note(deps: OrderDeps, ref: str, text: str, who: str) -> Order:
    """Raises Invalid, and NotAllowedNow once the personal data is erased. A note may be added whoever acted first."""

    def noted(order: Order) -> Change:
        order, word = texts_by_people.say(order, "note", text)
        return Change(order, (Event(deps.clock(), "noted", who, {"said": word}),))

    return record(deps.ledger, deps.ledger.load(ref), noted)
