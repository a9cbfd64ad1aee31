"""Limits how often people can change an order, so that its timeline cannot grow without end.

Automation writes only in response to people, or once a day, so only people are limited.
"""

from __future__ import annotations

from collections.abc import Sequence

from fallback.domain.errors import TooMuch
from fallback.domain.order.actors import CUSTOMER, MACHINES
from fallback.domain.order.order import Event, Order

# Commits. An eventful order has about sixty.
MOST_FOR_CUSTOMERS = 500
MOST = 2_000
# A customer who has reached the limit may still pay, ask for an agent and cancel.
NEEDED = frozenset({"card_given", "asked_for_a_person"})


def check_room(order: Order, events: Sequence[Event]) -> None:
    """Raise TooMuch if a person caused one of these events and the order has no room for it."""
    if any(is_full(order, event) for event in events):
        raise TooMuch(order.ref)


def is_full(order: Order, event: Event) -> bool:
    if event.who in MACHINES or event.what == "cancel_asked":
        return False
    of_a_customer = event.who == CUSTOMER and event.what not in NEEDED
    return order.version >= (MOST_FOR_CUSTOMERS if of_a_customer else MOST)
