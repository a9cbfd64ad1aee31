from collections.abc import Iterator

import pytest

from tests.shop.customers import Customer
from tests.shop.running import Shop, StandInFallback, running_shop, stand_in_fallback


@pytest.fixture(scope="package")
def fallback() -> Iterator[StandInFallback]:
    with stand_in_fallback() as fallback:
        yield fallback


@pytest.fixture(scope="package")
def shop(tmp_path_factory: pytest.TempPathFactory, fallback: StandInFallback) -> Iterator[Shop]:
    with running_shop(tmp_path_factory.mktemp("shop"), fallback.url) as shop:
        yield shop


@pytest.fixture(scope="package")
def strict_shop(tmp_path_factory: pytest.TempPathFactory, fallback: StandInFallback) -> Iterator[Shop]:
    """It refuses an order at other prices than those of today."""
    with running_shop(tmp_path_factory.mktemp("strict"), fallback.url, honours_prices=False) as shop:
        yield shop


@pytest.fixture
def customer(shop: Shop) -> Iterator[Customer]:
    customer = Customer(shop)
    yield customer
    customer.browser.close()
