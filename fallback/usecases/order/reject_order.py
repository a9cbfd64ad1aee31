"""An agent cancels an order for its customer, and says why."""

from __future__ import annotations

from msgspec import structs

from fallback.domain.errors import NotAllowedNow
from fallback.domain.order import texts_by_people
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.placement import placement
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def reject_order(deps: OrderDeps, ref: str, reason: str, sentence: str, who: str, seen: int) -> Order:
    """`reason` is for agents, `sentence` for the mail to the customer; it may be empty.

    Raises Late, Invalid for an invalid text, and NotAllowedNow if the order is cancelled or being cancelled.
    """

    def reject(order: Order) -> Change:
        now = deps.clock()
        order, word = texts_by_people.say(order, "reason", reason)
        order, last_word = texts_by_people.say_if_any(order, "sentence", sentence)
        undone = placement.ask_to_cancel(structs.replace(order, last_word=last_word), now, who)
        if undone is None:
            raise NotAllowedNow("undone", "reject")
        asked, *after = undone.events
        told: Event = structs.replace(asked, data={"said": word})
        return Change(undone.order, (told, *after))

    return act(deps.ledger, ref, who, seen, reject)
