from __future__ import annotations

import pytest

from fallback.ledger.redis_ledger import RedisLedger
from tests.ledger.world import a_ledger
from tests.redis_server import RedisServer


@pytest.fixture
def ledger(redis_server: RedisServer) -> RedisLedger:
    return a_ledger(redis_server.url)
