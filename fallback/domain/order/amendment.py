"""What shall be changed of an order that the primary has: a part of the order's document."""

from __future__ import annotations

from datetime import datetime

from msgspec import Struct

from fallback.domain.order.cart import Delivery, Line


class Amendment(Struct, frozen=True, omit_defaults=True, kw_only=True):
    """What is wanted of an order that the primary has, until it reads back so; None: as agreed before.

    `what` names what was asked for in the timeline's words. `address`: another one, which stands with the customer's
    data. `impossible`: it was taken back because the shop would not have it so. `contact`: the primary shall hear how
    the customer is reached now, which here is so at once. `said`: a person's sentence for the mail that tells of it; 0:
    none.
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
        """False once it was taken back: then the primary is only asked what it has."""
        return self.address or self.lines is not None or self.delivery is not None

    @property
    def taken_back(self) -> bool:
        return not self.wants_something and self.what != "contact"
