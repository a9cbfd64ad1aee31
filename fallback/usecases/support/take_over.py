"""A lead takes over an order from its owner and gives a reason, which the former owner sees on their next action."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.order import texts_by_people
from fallback.domain.order.order import Change, Event, Order
from fallback.domain.support import claims as rules
from fallback.domain.support.late import act
from fallback.domain.support.ports import Claims
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def claims(self) -> Claims: ...


def take_over(deps: Deps, ref: str, reason: str, who: str, seen: int) -> Order:
    """Raises Late, and Invalid for an empty reason."""

    def note(order: Order) -> Change:
        order, word = texts_by_people.say(order, "reason", reason)
        return Change(order, (Event(deps.clock(), "taken_over", who, {"said": word}),))

    order = act(deps.ledger, ref, who, seen, note)
    deps.claims.change(ref, lambda claim: rules.take_over(claim, who, deps.clock()))
    return order
