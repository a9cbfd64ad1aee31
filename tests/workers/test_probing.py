"""Who looks after the primary tells what follows, and the clock switches in time by it."""

from __future__ import annotations

import signal
from collections.abc import Iterator
from time import monotonic

import pytest
from structlog.testing import capture_logs

from fallback.domain.outage.failover import Failover
from fallback.domain.outage.mode import Mode
from fallback.ledger.outage.modes import RedisModes
from fallback.ledger.outage.observations import RedisObservations
from fallback.ledger.redis import keys
from tests.demo.waiting import eventually
from tests.fakes.observations import FakeProber
from tests.ports import free_port
from tests.proxy.standins import Standin
from tests.redis_server import RedisServer
from tests.workers.conftest import World
from tests.workers.running import Program
from workers.probing import Probing


@pytest.fixture
def prober(world: World) -> FakeProber:
    world.container.prober = FakeProber()
    return world.container.prober


def test_the_leader_probes_and_logs_the_advice_when_it_changes(world: World, prober: FakeProber) -> None:
    looking = Probing(world.container)
    with capture_logs() as logs:
        looking.once()
        looking.once()
    assert prober.looks == 2
    assert [(told["event"], told["reason"]) for told in logs] == [("advice", "well")]


@pytest.fixture
def shop() -> Iterator[Standin]:
    standin = Standin('{"status":"ok","duplicates":"enforced"}', free_port())
    standin.start()
    yield standin
    standin.stop()


@pytest.fixture
def elsewhere() -> Iterator[Standin]:
    standin = Standin("something else", free_port())
    standin.start()
    yield standin
    standin.stop()


def test_ten_seconds_after_a_shop_died_the_mode_is_active_without_a_proxy_or_a_customer(
    redis_server: RedisServer, shop: Standin, elsewhere: Standin
) -> None:
    observations, modes = RedisObservations(redis_server.client), RedisModes(redis_server.client)
    settings = {
        "primary_url": f"http://127.0.0.1:{shop.port}",
        "stripe_api_base": f"http://127.0.0.1:{elsewhere.port}",
        "fallback_failover": Failover.AUTOMATIC,
    }
    with Program("workers.clock", redis_server, **settings) as program:
        eventually(lambda: (seen := observations.read()) and seen.evidence.looks[-1].well, within=15)
        shop.stop()
        died = monotonic()
        eventually(lambda: modes.read().mode is Mode.ACTIVE, within=10)
        assert monotonic() - died < 10
        program.signal(signal.SIGTERM)
        assert program.ended() == 0
    assert not redis_server.client.exists(keys.lease("lookout"))
