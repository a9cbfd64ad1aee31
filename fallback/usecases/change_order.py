"""The customer changes where her order goes, or how she is reached, while only we have it.

Lines, delivery and prices, and changes after placement, need the primary's word and are not made here.
"""

from __future__ import annotations

from msgspec import UNSET, structs

from fallback.domain.errors import Conflict, NotAllowedNow
from fallback.domain.order import Event, Order, PlacementState
from fallback.domain.ports import Clock, Ledger
from fallback.domain.wishes import ChangeOrder, address


def change_order(ref: str, version: int, wish: ChangeOrder, who: str, *, ledger: Ledger, clock: Clock) -> Order:
    """Raises Conflict if the order is no longer at `version`, NotAllowedNow once the primary may have it."""
    order = ledger.load(ref)
    if order.version != version:
        raise Conflict(ref)
    if order.placement.state is not PlacementState.HELD or order.customer is None:
        raise NotAllowedNow(order.placement.state, "change")
    customer = order.customer
    changed = []
    if wish.contact is not UNSET:
        changed.append("contact")
        customer = structs.replace(customer, name=wish.contact.name, email=wish.contact.email, phone=wish.contact.phone)
    if wish.shipping_address is not UNSET:
        changed.append("shipping_address")
        customer = structs.replace(customer, address=address(wish.shipping_address, customer.name))
    if wish.note is not UNSET:
        changed.append("note")
        customer = structs.replace(customer, note=wish.note)
    if not changed:
        return order
    event = Event(clock(), "changed", who, {"what": " ".join(changed)})
    return ledger.commit(order, structs.replace(order, customer=customer), [event])
