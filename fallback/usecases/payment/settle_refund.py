"""A person gave the customer what a refund did not bring there, in another way: by a transfer, or with the goods."""

from __future__ import annotations

from fallback.domain.order.grants import GrantDecision
from fallback.domain.order.order import Order
from fallback.domain.payment import sent_back
from fallback.domain.support.late import act
from fallback.usecases.deps import OrderDeps


def settle_refund(deps: OrderDeps, ref: str, who: str, seen: int) -> Order:
    """Nothing is sent to the card for it any more. Raises Late, NotAllowedNow if nothing came back, or not any more."""
    return act(
        deps.ledger, ref, who, seen, lambda order: sent_back.answered(order, GrantDecision.OTHERWISE, deps.clock(), who)
    )
