"""A real Vendure does what every primary does: the tests are those of the contract, with another world."""

from __future__ import annotations

import pytest

from fallback.primaries.vendure.primary import CAN
from tests.contracts.primary.whole import *  # noqa: F403
from tests.contracts.primary.worlds import World
from tests.shops.vendure.running import VendureShop


@pytest.fixture
def world(vendure: VendureShop) -> World:
    def ship(ref: str) -> None:
        vendure.sql(f"""UPDATE "order" SET state = 'Shipped' WHERE "customFieldsFallbackref" = '{ref}'""")

    def unpaid(ref: str) -> None:
        pytest.fail(f"{ref}: Vendure's unpaid orders are baskets")

    return World(vendure.primary(), ship, unpaid, CAN)
