"""An order that people go on changing without end is not let grow without end.

What machines write follows from what people do, or comes once a day: so it is people who are stopped.
"""

from __future__ import annotations

from collections.abc import Sequence

from fallback.domain.errors import TooMuch
from fallback.domain.order.actors import CUSTOMER, MACHINES
from fallback.domain.order.order import Event, Order

# Commits. An eventful order has some sixty.
MOST_FOR_CUSTOMERS = 500
MOST = 2_000
# Who may change nothing more may still pay and ask for a person, and undo the purchase in any case.
NEEDED = frozenset({"card_given", "asked_for_a_person"})


def check_room(order: Order, events: Sequence[Event]) -> None:
    """Raises TooMuch if a person did what these tell, and the order has no room for it."""
    if any(is_full(order, event) for event in events):
        raise TooMuch(order.ref)


def is_full(order: Order, event: Event) -> bool:
    if event.who in MACHINES or event.what == "cancel_asked":
        return False
    of_a_customer = event.who == CUSTOMER and event.what not in NEEDED
    return order.version >= (MOST_FOR_CUSTOMERS if of_a_customer else MOST)
