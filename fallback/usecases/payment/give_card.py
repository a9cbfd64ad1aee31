"""The customer gives a card on the order's page: the first one after 'pay later', or another after a decline."""

from __future__ import annotations

from fallback.domain.order.order import Order
from fallback.domain.order.record import record
from fallback.domain.payment import cards
from fallback.usecases.deps import OrderDeps


def give_card(deps: OrderDeps, ref: str, token: str, who: str, key: str = "") -> Order:
    """The same card again changes nothing.

    Raises NotAllowedNow during and after a payment, Invalid after too many cards and for another card under the same
    key.
    """
    return record(deps.ledger, deps.ledger.load(ref), lambda order: cards.give(order, token, deps.clock(), who, key))
