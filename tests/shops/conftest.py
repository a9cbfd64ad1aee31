from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.demo.shops.postgres import Postgres
from tests.shops.checkout import Checkout, running_checkout
from tests.shops.postgres import running_postgres
from tests.shops.vendure.running import CART_KEY, NAME, VendureShop, running_vendure
from tests.web.world import PRIMARY_TOKEN


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def vendure_checkout() -> Iterator[Checkout]:
    """What the Vendure shop asks about its baskets."""
    with running_checkout(CART_KEY, NAME) as checkout:
        yield checkout


@pytest.fixture(scope="session")
def vendure(postgres: Postgres, vendure_checkout: Checkout) -> Iterator[VendureShop]:
    with running_vendure(postgres, vendure_checkout.url, PRIMARY_TOKEN) as shop:
        yield shop
