from __future__ import annotations

import pytest
import redis

from tests.redis_server import RedisServer


@pytest.fixture
def client(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client
