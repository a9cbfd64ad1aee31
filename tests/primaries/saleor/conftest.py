from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.primaries.saleor.shop import SaleorShop, saleor_shop


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[SaleorShop]:
    with saleor_shop(request) as shop:
        yield shop
