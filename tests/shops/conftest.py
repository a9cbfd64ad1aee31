from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.shops.medusa.shop import Medusa, running_medusa
from tests.shops.postgres import Postgres, running_postgres


@pytest.fixture(scope="session")
def postgres() -> Iterator[Postgres]:
    with running_postgres() as server:
        yield server


@pytest.fixture(scope="session")
def medusa(postgres: Postgres) -> Iterator[Medusa]:
    with running_medusa(postgres) as shop:
        yield shop
