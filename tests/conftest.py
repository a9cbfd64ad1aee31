"""What tests of several parts need: a real Redis."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from tests.redis_server import RedisServer


@pytest.fixture(scope="session")
def _shared_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("redis"))
    yield server
    server.close()


@pytest.fixture
def redis_server(_shared_redis: RedisServer) -> RedisServer:
    """An empty Redis. It is shared: a test that kills it takes `mortal_redis`."""
    _shared_redis.client.flushall()
    return _shared_redis


@pytest.fixture
def mortal_redis(tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    """An empty Redis of the test's own, to kill and to start again."""
    server = RedisServer(tmp_path_factory.mktemp("mortal_redis"))
    yield server
    server.close()
