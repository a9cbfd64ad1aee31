from __future__ import annotations

from collections.abc import Iterator

import pytest

from ops.demo.shops.postgres import Postgres
from tests.shop.running import StandInFallback, stand_in_fallback
from tests.shops.medusa.running import Medusa, MedusaWorld, running_medusa


@pytest.fixture(scope="session")
def fallback() -> Iterator[StandInFallback]:
    with stand_in_fallback() as fallback:
        yield fallback


@pytest.fixture(scope="session")
def medusa(postgres: Postgres, fallback: StandInFallback) -> Iterator[Medusa]:
    with running_medusa(postgres, fallback.url) as shop:
        yield shop


@pytest.fixture
def world(medusa: Medusa) -> MedusaWorld:
    return medusa.world()
