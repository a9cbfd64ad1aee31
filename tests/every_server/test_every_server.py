"""What the ledger promises holds on each server that it may stand on: Redis 6.2, the one on PATH, 8, and Valkey."""

from __future__ import annotations

from collections.abc import Callable, Iterator
from contextlib import closing
from datetime import timedelta

import pytest
from msgspec.structs import replace

from fallback.domain.errors import Conflict, TryAgain
from fallback.domain.order.ledger import Accepted, CartTaken
from fallback.domain.order.order import Event, Queue
from fallback.ledger.redis.commands import refused
from fallback.ledger.redis.durability import Keeping
from tests.builders import NOW
from tests.demo.waiting import eventually
from tests.ledger.clusters import Cluster
from tests.ledger.moving_address import MovingAddress, follow
from tests.ledger.recount import assert_indexes_agree
from tests.ledger.redis.test_readiness import problems
from tests.ledger.servers import servers
from tests.ledger.world import a_container, a_ledger, a_new_order, accepted, acknowledged
from tests.redis_server import RedisServer

LEASE = timedelta(seconds=40)
SEEN = Event(NOW, "seen", "worker")


@pytest.fixture(params=servers().values(), ids=servers().keys())
def program(request: pytest.FixtureRequest) -> str:
    return request.param


@pytest.fixture
def server(program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path_factory.mktemp("server"), program)
    yield running
    running.close()


@pytest.fixture
def replica(server: RedisServer, program: str, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    running = RedisServer(tmp_path_factory.mktemp("replica"), program)
    follow(server, running)
    yield running
    running.close()


def test_an_order_is_taken_once_changed_and_taken_by_one_shift(server: RedisServer) -> None:
    ledger = a_ledger(server.url)
    order = accepted(ledger)
    assert problems(server) == ""
    assert refused(a_container(server.url).redis) == []
    assert ledger.accept(a_new_order(), f"key-{order.ref}", "print") == Accepted(order.ref, NOW, replayed=True)
    assert ledger.accept(a_new_order(cart_id=order.cart_id), "key-2", "print") == CartTaken(order.ref)
    changed = ledger.commit(order, replace(order, released=True), [SEEN], once="evt_1")
    with pytest.raises(Conflict):
        ledger.commit(order, order, [])
    assert ledger.load(order.ref) == changed
    assert_indexes_agree(server.client, ledger)
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == []
    server.client.script_flush()
    assert ledger.commit(changed, changed, []).version == 3
    assert server.denied() == set()


def test_full_memory_takes_no_order_and_works_on_those_that_are_here(server: RedisServer) -> None:
    ledger = a_ledger(server.url)
    order, client = accepted(ledger), server.client
    client.config_set("maxmemory", client.info("memory")["used_memory"] - 100_000)
    with pytest.raises(TryAgain):
        ledger.accept(a_new_order(), "key-2", "print")
    assert ledger.replay(f"key-{order.ref}", "print")
    assert ledger.commit(order, order, [SEEN], once="evt_1").version == 2
    assert ledger.claim_due(Queue.PAYMENT, LEASE, 10) == [order.ref]


def test_an_order_in_a_cluster(
    program: str, tmp_path_factory: pytest.TempPathFactory, monkeypatch: pytest.MonkeyPatch
) -> None:
    """What is asked again waits for a replica that lags, although PUBLISH is no write there."""
    monkeypatch.setattr("fallback.ledger.redis.group_commit.REPLICA_PATIENCE_MS", 300)
    with closing(Cluster(tmp_path_factory.mktemp("cluster"), program, primaries=1, replicas=1)) as cluster:
        built, other = (a_container(cluster.url, keeping=Keeping(replicas=1)) for _ in range(2))
        order, late = eventually(lambda: acknowledged(built.ledger)), a_new_order()
        assert built.readiness.problems() == ()
        assert_indexes_agree(cluster.client, built.ledger)
        assert order.ref in built.ledger.claim_due(Queue.PAYMENT, LEASE, 10)
        order = built.ledger.load(order.ref)
        assert built.ledger.commit(order, replace(order, released=True), [SEEN], once="evt_1").version == 2

        eventually(lambda: acknowledged(other.ledger))
        cluster.pause_replica()
        asked: list[Callable[[], object]] = [
            lambda: built.ledger.accept(late, "key-1", "print"),
            lambda: other.ledger.accept(a_new_order(), "key-1", "print"),
            lambda: other.ledger.accept(a_new_order(cart_id=late.cart_id), "key-2", "print"),
            lambda: other.ledger.replay("key-1", "print"),
        ]
        for ask in asked:
            with pytest.raises(TryAgain):
                ask()
        again = a_ledger(cluster.url).accept(a_new_order(), "key-1", "print")
        assert again == Accepted(late.ref, NOW, replayed=True)
        assert all(cluster.client.ttl(key) > 0 for key in cluster.client.scan_iter("key:*"))


@pytest.mark.parametrize("again", ["the same request", "after its cart has ended", "another order for the cart"])
def test_what_is_asked_again_waits_for_a_replica_that_lags(
    server: RedisServer, replica: RedisServer, again: str
) -> None:
    """It only reads, and still promises what a replica does not have yet."""
    first, other = (a_ledger(server.url, keeping=Keeping(replicas=1)) for _ in range(2))
    order = a_new_order()
    accepted(other)  # its connection is there, and what it has written is on the replica
    replica.pause()
    with pytest.raises(TryAgain):
        first.accept(order, "key-1", "print")

    def asked_again() -> object:
        if again == "after its cart has ended":
            return other.replay("key-1", "print")
        key = "key-1" if again == "the same request" else "key-2"
        return other.accept(a_new_order(cart_id=order.cart_id), key, "print")

    with pytest.raises(TryAgain):
        asked_again()
    replica.resume()
    assert isinstance(asked_again(), Accepted | CartTaken)
    assert replica.client.exists(f"order:{order.ref}")


def test_a_change_of_roles_is_followed(server: RedisServer, replica: RedisServer) -> None:
    with MovingAddress(server) as address:
        built = a_container(address.url)
        earlier = accepted(built.ledger)
        address.change_roles(replica)
        order = accepted(built.ledger)
        assert replica.client.exists(f"order:{order.ref}")
        assert built.ledger.commit(earlier, earlier, []).version == 2
