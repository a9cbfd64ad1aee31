from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.primaries.woocommerce.shop import WooShop, woo_shop


@pytest.fixture
def shop(request: pytest.FixtureRequest) -> Iterator[WooShop]:
    with woo_shop(request) as shop:
        yield shop
