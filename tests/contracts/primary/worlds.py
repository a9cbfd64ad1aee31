"""A primary of any kind as the tests of its contract see it."""

from __future__ import annotations

from collections.abc import Callable
from dataclasses import dataclass
from datetime import UTC, datetime, timedelta
from typing import Any

import pytest
from msgspec.structs import replace

from fallback.domain.order.cart import Delivery, Line, Slot
from fallback.domain.order.order import Order
from fallback.domain.placement.primary import Duplicates, Primary
from tests.builders import SLOT, an_order
from tests.fakes.primary import FakePrimary

# What our own shops declare, and a kind that does not say otherwise.
ALL = frozenset(
    {"amend", "cancel", "slots", "contact", "phone", "quotes", "tombstones", "unpaid", "numbered", "withdrawals"}
)
HOUR = timedelta(hours=1)
# The demo's shop sells this at this price and has more of it than all tests take.
BOOK = Line("BK-1", "The Lighthouse Ledger", 2, 1299)
POST = Delivery("standard", "Standard delivery", 495)


@dataclass
class World:
    """A primary, and the hand of the person who ships its parcels by ref.

    `unpaid`: makes of the order with this ref one that the shop took itself and that waits for its payment.
    `declared`: what the primary has to declare, at least. `delivery`: one of the shop's ways to deliver. `slot`: a time
    of delivery that it takes.
    """

    primary: Primary
    ship: Callable[[str], None]
    unpaid: Callable[[str], None]
    declared: frozenset[str] = ALL
    duplicates: Duplicates = Duplicates.ENFORCED
    delivery: Delivery = POST
    slot: Slot | None = SLOT

    def an_order(self, **changes: Any) -> Order:
        order: Order = an_order(
            **{"lines": (BOOK,), "delivery": self.delivery, "received_at": datetime.now(UTC)} | changes
        )
        return order


def only_where_it_can(world: World, word: str) -> None:
    """What a primary does not name is never called. Its answer is recorded, where its exchanges are."""
    if word not in world.primary.health().can:
        pytest.skip(f"this primary does not name '{word}'")


def only_where_declared(world: World, word: str) -> None:
    """The same, for a test whose exchanges with a recorded shop do not begin with that question."""
    if word not in world.declared:
        pytest.skip(f"this primary does not name '{word}'")


def ship_from(shop: FakePrimary, ref: str) -> None:
    shop.keep(replace(shop.orders[ref], status="shipped"))


def unpaid_in(shop: FakePrimary, ref: str) -> None:
    shop.keep(replace(shop.orders.pop(ref), ref=None, status="pending", paid=False))


def has_none(ref: str) -> None:
    pytest.fail(f"{ref}: this kind declares no unpaid orders")
