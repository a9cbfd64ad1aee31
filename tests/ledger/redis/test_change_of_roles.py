"""Primary and replica exchange their roles without Sentinel, and no process has to be restarted."""

from __future__ import annotations

from collections.abc import Iterator
from datetime import UTC, datetime

import pytest

from fallback.bootstrap.container import Container
from fallback.domain.errors import TryAgain
from fallback.domain.order.ledger import Accepted
from fallback.domain.order.order import Notice, NoticeKind, NoticeState, Order, Queue
from fallback.web.app import create_app
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.ledger.moving_address import MovingAddress, follow
from tests.ledger.world import a_container, a_new_order, accepted
from tests.notices.mail_server import mail_server
from tests.redis_server import RedisServer
from tests.workers.running import Program

SECONDS = 20.0


@pytest.fixture
def replica(mortal_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("replica"))
    follow(mortal_redis, server)
    yield server
    server.close()


@pytest.fixture
def address(mortal_redis: RedisServer) -> Iterator[MovingAddress]:
    with MovingAddress(mortal_redis) as moving:
        yield moving


@pytest.fixture
def built(address: MovingAddress) -> Container:
    return a_container(address.url)


def test_the_next_order_is_accepted_and_read_back(
    built: Container, address: MovingAddress, replica: RedisServer
) -> None:
    earlier = accepted(built.ledger)
    address.change_roles(replica)

    order = a_new_order()

    assert built.ledger.accept(order, "key-2", "print") == Accepted(order.ref, NOW)
    assert replica.client.exists(f"order:{order.ref}")
    assert built.ledger.load(order.ref).version == 1  # by a connection that was idle when the roles changed
    assert built.ledger.commit(earlier, earlier, []).version == 2
    assert built.ledger.load(earlier.ref).version == 2


def test_work_goes_on_by_the_connections_of_the_pool(
    built: Container, address: MovingAddress, replica: RedisServer
) -> None:
    order = accepted(built.ledger)
    address.change_roles(replica)
    assert built.modes.read().mode == "standby"
    assert built.ledger.claim_due(Queue.PAYMENT, NOW - NOW, 10) == [order.ref]


def test_readyz_is_true_exactly_when_the_next_order_is_accepted(
    built: Container, address: MovingAddress, replica: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """Each time it is asked it is true: green, and the order is taken; red, and why."""
    monkeypatch.setattr("fallback.ledger.redis.readiness.CHECK_EVERY_SECONDS", -1.0)
    client = create_app(built).test_client()
    accepted(built.ledger)
    address.change_roles(replica)

    assert client.get("/readyz").status_code == 503  # it asked by a connection that it had
    assert client.get("/readyz").status_code == 200
    assert accepted(built.ledger).version == 1


def test_an_address_that_leads_to_a_replica_for_good_is_never_ready(
    built: Container, mortal_redis: RedisServer, replica: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setattr("fallback.ledger.redis.readiness.CHECK_EVERY_SECONDS", -1.0)
    mortal_redis.client.replicaof("127.0.0.1", 1)
    for _ in range(3):
        assert built.readiness.problems() == (
            "Redis is a replica and cannot be written to: set REDIS_URL to its primary.",
        )
        with pytest.raises(TryAgain):
            accepted(built.ledger)


def test_readiness_checks_the_connection_that_stores_the_orders(
    built: Container, address: MovingAddress, replica: RedisServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    """One that is made later may lead elsewhere than the one by which orders go."""
    accepted(built.ledger)
    address.change_roles(replica)
    built.redis.connection_pool.disconnect(inuse_connections=False)
    assert "is a replica" in " ".join(built.readiness.problems())


def test_a_worker_and_the_clock_go_on(built: Container, address: MovingAddress, replica: RedisServer) -> None:
    def captured() -> Order:
        return accepted(
            built.ledger,
            a_new_order(notices=(Notice(id="1", kind=NoticeKind.RECEIVED, due_at=datetime.now(UTC)),)),
        )

    def is_told(order: Order) -> bool:
        return built.ledger.load(order.ref).notices[0].state is NoticeState.SENT

    first = captured()
    with (
        mail_server() as mail,
        Program("workers.run", address, Queue.NOTICE, smtp_url=mail.url) as worker,
        Program("workers.clock", address, smtp_url=mail.url) as clock,
    ):
        eventually(lambda: is_told(first), within=SECONDS)
        address.change_roles(replica)
        second = captured()
        eventually(lambda: is_told(second), within=SECONDS)
        assert worker.running()
        assert clock.running()
