"""The pending change of an order that the primary already has: a part of the order's document."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from fallback.domain.order.cart import Delivery, Line


class Amendment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """The requested change, until the primary reads it back. A field that is None stays as agreed before.

    `what` names the request in the timeline's words. `address`: the shipping address changes; the new one is stored
    with the customer's data. `impossible`: the change was taken back because the shop refused it. `contact`: the
    primary is told the new contact details, which apply here at once. `said`: the id of a person's sentence for the
    mail about the change; 0: none.
    """

    who: str
    since: datetime
    what: str
    lines: tuple[Line, ...] | None = None
    delivery: Delivery | None = None
    address: bool = False
    impossible: bool = False
    contact: bool = False
    said: int = 0

    @property
    def wants_something(self) -> bool:
        """False once the change was taken back: then the primary is only asked what it has."""
        return self.address or self.lines is not None or self.delivery is not None

    @property
    def taken_back(self) -> bool:
        return not self.wants_something and self.what != "contact"
