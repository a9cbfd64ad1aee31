"""The demo's shop does what every primary does: the tests are those of the contract, with another world."""

from __future__ import annotations

import pytest

from tests.contracts.primary.whole import *  # noqa: F403
from tests.contracts.primary.worlds import World
from tests.reference_shop import primary_at
from tests.shop.running import TOKEN, Shop

THE_ORDER = "id = (SELECT order_id FROM fallback_connect_purchase WHERE ref = ?)"


@pytest.fixture
def world(shop: Shop) -> World:
    def ship(ref: str) -> None:
        shop.sql(f"UPDATE order_order SET status = 'Shipped' WHERE {THE_ORDER}", ref)

    def unpaid(ref: str) -> None:
        shop.sql(f"UPDATE order_order SET status = 'Pending' WHERE {THE_ORDER}", ref)
        shop.sql("UPDATE fallback_connect_purchase SET ref = NULL WHERE ref = ?", ref)

    return World(primary_at(shop.url, TOKEN), ship, unpaid, slot=None)
