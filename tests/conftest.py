"""What tests of several parts need: a real Redis, and logs that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from types import SimpleNamespace

import pytest

from tests.redis_server import RedisServer


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """Who waits for long begins first: at the end, all would wait for him."""
    items.sort(key=lambda item: "workers" not in item.path.parts)


@pytest.fixture(scope="session")
def logs_as_before() -> Iterator[None]:
    """A command configures the logs of its process, which here is the process of other tests too."""
    with pytest.MonkeyPatch.context() as patch:
        patch.setattr("fallback.cli.main.logs", SimpleNamespace(configure=lambda level: None))
        yield


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
