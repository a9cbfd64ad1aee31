from __future__ import annotations

from collections.abc import Iterator

import pytest

from fallback.bootstrap.container import Container
from tests.ledger import world
from tests.redis_server import RedisServer
from tests.web.conftest import a_container


@pytest.fixture(params=["in memory", "on redis"])
def house(request: pytest.FixtureRequest) -> Iterator[Container]:
    """All that is stored: once in the fakes on which web tests stand, and once where it is really kept."""
    if request.param == "in memory":
        yield a_container()
        return
    server: RedisServer = request.getfixturevalue("redis_server")
    yield world.a_container(server.url)
    world.hang_up()
