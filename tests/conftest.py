"""What tests of several parts need: a real Redis, and logs that stay as they are."""

from __future__ import annotations

from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from tests.redis_server import RedisServer

ROOT = Path(__file__).parent


def pytest_collection_modifyitems(items: list[pytest.Item]) -> None:
    """What takes long begins first: at the end, everything would wait for it.

    With --dist loadgroup a file stays in one process, and so do all files of one real shop: it takes long to boot.
    """
    items.sort(key=lambda item: not {"workers", "shops"} & set(item.path.parts))
    for item in items:
        together = item.path.parent if "shops" in item.path.parts else item.path
        item.add_marker(pytest.mark.xdist_group(str(together.relative_to(ROOT))))


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
