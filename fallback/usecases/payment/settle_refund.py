"""Record that an agent paid a failed refund to the customer in another way, by transfer or with goods."""

from __future__ import annotations

from fallback.domain.order.grants import GrantDecision
from fallback.domain.order.order import Order
from fallback.domain.payment import sent_back
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def settle_refund(deps: OrderDeps, ref: str, who: str, seen: int) -> Order:
    """Nothing more is refunded to the card for it.

    Raises Late, and NotAllowedNow unless a failed refund is undecided.
    """
    return act(
        deps.ledger, ref, who, seen, lambda order: sent_back.answered(order, GrantDecision.OTHERWISE, deps.clock(), who)
    )
