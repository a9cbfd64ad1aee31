from __future__ import annotations

from collections.abc import Iterator

import pytest

from fallback.ledger.order.ledger import RedisLedger
from tests.ledger.world import a_ledger, hang_up
from tests.redis_server import RedisServer


@pytest.fixture(autouse=True)
def _hanging_up() -> Iterator[None]:
    yield
    hang_up()


@pytest.fixture
def ledger(redis_server: RedisServer) -> RedisLedger:
    return a_ledger(redis_server.url)
