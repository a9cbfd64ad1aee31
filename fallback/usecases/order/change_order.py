"""The customer, or a person for her, changes the order: where it goes, how it is delivered, what is in it."""

from __future__ import annotations

from fallback.domain.checkout.requests import ChangeOrder
from fallback.domain.clock import Clock
from fallback.domain.errors import Conflict
from fallback.domain.order.ledger import Ledger
from fallback.domain.order.order import Change, Order
from fallback.domain.payment.charging import Chargeable, check_change
from fallback.domain.placement import changes
from fallback.domain.support.late import act


def change_order(
    ref: str,
    wish: ChangeOrder,
    who: str,
    seen: int,
    *,
    ledger: Ledger,
    clock: Clock,
    chargeable: Chargeable,
    version: int | None = None,
    sentence: str = "",
) -> Order:
    """`version`: the one that the wish is about, where a program sent it; Conflict if the order has gone on since.

    `sentence`: of a person of ours, for the mail that tells of it. Raises Late, NotAllowedNow, and Invalid that names
    the field.
    """

    def change(order: Order) -> Change | None:
        if version not in (None, order.version):
            raise Conflict(ref)
        changed = changes.change(order, wish, clock(), who, sentence)
        if changed:
            check_change(order, changed.order, wish, chargeable)
        return changed

    return act(ledger, ref, who, seen, change)
