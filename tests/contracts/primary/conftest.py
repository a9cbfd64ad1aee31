"""What every primary does: each test here runs against the fake, the reference shop over HTTP, and each kind of shop.

The real shops run the same tests: tests/shop and tests/shops.
"""

from __future__ import annotations

from collections.abc import Iterator
from functools import partial

import pytest
from msgspec.structs import replace

from fallback.domain.placement.primary import Duplicates
from fallback.primaries.saleor import primary as saleor
from fallback.primaries.shopify import primary as shopify
from fallback.primaries.woocommerce import primary as woocommerce
from tests.contracts.primary.worlds import (
    BOOK,
    POST,
    World,
    has_none,
    ship_from,
    unpaid_in,
)
from tests.fakes.primary import FakePrimary
from tests.primaries.saleor.shop import saleor_shop
from tests.primaries.shopify.fake_shop import fake_shop
from tests.primaries.woocommerce.shop import woo_shop
from tests.reference_shop import ReferenceShop, primary_at, serving


@pytest.fixture(params=["fake", "reference", "honouring", "woocommerce", "saleor", "shopify"])
def world(request: pytest.FixtureRequest) -> World:
    built: World = request.getfixturevalue(f"{request.param}_world")
    return built


@pytest.fixture
def stocked_shop() -> FakePrimary:
    shop = FakePrimary()
    shop.stock[BOOK.sku], shop.prices[BOOK.sku] = 100, BOOK.unit_price
    return shop


@pytest.fixture
def fake_world(stocked_shop: FakePrimary) -> World:
    return World(stocked_shop, partial(ship_from, stocked_shop), partial(unpaid_in, stocked_shop))


@pytest.fixture
def reference_world(stocked_shop: FakePrimary) -> Iterator[World]:
    with serving(ReferenceShop(stocked_shop)) as server:
        primary = primary_at(server.url, server.token)
        yield World(primary, partial(ship_from, stocked_shop), partial(unpaid_in, stocked_shop))


@pytest.fixture
def honouring_world(stocked_shop: FakePrimary, reference_world: World) -> World:
    """A shop that places orders at agreed prices, and hears of payments."""
    stocked_shop.can |= {"honours_prices", "payments"}
    return reference_world


@pytest.fixture
def woocommerce_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with woo_shop(request) as shop:
        yield World(shop.primary, shop.ship, shop.unpaid, woocommerce.CAN)


@pytest.fixture
def saleor_world(request: pytest.FixtureRequest) -> Iterator[World]:
    with saleor_shop(request) as shop:
        by_post = replace(POST, id=shop.standard)
        yield World(shop.primary, shop.ship, has_none, saleor.CAN, Duplicates.KEYED, by_post)


@pytest.fixture
def shopify_world() -> Iterator[World]:
    """A fake of its documented behaviour."""
    with fake_shop() as shop:
        shop.shopify.stock[BOOK.sku], shop.shopify.prices[BOOK.sku] = 1000, "12.99"
        yield World(shop.primary, shop.ship, has_none, shopify.CAN, Duplicates.KEYED)
