from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shop.running import TOKEN, StandInFallback, stand_in_fallback
from tests.shops.medusa.shop import Medusa, running_medusa
from tests.shops.postgres import Postgres, running_postgres
from tests.shops.vendure.running import VendureShop, running_vendure


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def medusa(postgres: Postgres) -> Iterator[Medusa]:
    with running_medusa(postgres) as shop:
        yield shop


@pytest.fixture(scope="session")
def fallback() -> Iterator[StandInFallback]:
    with stand_in_fallback() as fallback:
        yield fallback


@pytest.fixture(scope="session")
def vendure(postgres: Postgres, fallback: StandInFallback) -> Iterator[VendureShop]:
    with running_vendure(postgres, fallback.url, TOKEN) as shop:
        yield shop
