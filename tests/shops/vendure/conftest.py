from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shops.postgres import Postgres
from tests.shops.vendure.running import VendureShop, running_vendure


@pytest.fixture(scope="session")
def vendure(postgres: Postgres) -> Iterator[VendureShop]:
    with running_vendure(postgres) as shop:
        yield shop
