"""The customer, or an agent on their behalf, changes the order: contact, shipping address, delivery, quantities."""

from __future__ import annotations

from typing import Protocol

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.errors import Conflict
from fallback.domain.order.order import Change, Order
from fallback.domain.payment.charging import Chargeable, check_change
from fallback.domain.placement import changes
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


class Deps(OrderDeps, Protocol):
    @property
    def chargeable(self) -> Chargeable: ...


def change_order(
    deps: Deps, ref: str, requested: ChangeOrder, who: str, seen: int, *, version: int | None = None, sentence: str = ""
) -> Order:
    """`version`: the one that the request is based on, if a program sent it; Conflict if the order has changed since.

    `sentence`: an agent's text for the mail about the change. Raises Late, NotAllowedNow, and Invalid that names the
    field.
    """

    def change(order: Order) -> Change | None:
        if version not in (None, order.version):
            raise Conflict(ref)
        changed = changes.change(order, requested, deps.clock(), who, sentence)
        if changed:
            check_change(order, changed.order, requested, deps.chargeable)
        return changed

    return act(deps.ledger, ref, who, seen, change)
