from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.primaries.shopify.fake_shop import FakeShop, fake_shop


@pytest.fixture
def shop() -> Iterator[FakeShop]:
    with fake_shop() as shop:
        shop.shopify.prices |= {"BK-1": "12.99", "BK-12": "8.00"}
        shop.shopify.stock |= {"BK-1": 1000, "BK-12": 1000}
        yield shop
