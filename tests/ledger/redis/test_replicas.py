"""FALLBACK_REPLICAS: the answer waits until a replica has the order, and the same request finds it afterwards."""

from __future__ import annotations

from collections.abc import Iterator

import pytest

from fallback.domain.errors import TryAgain
from fallback.domain.order.ledger import Accepted
from fallback.ledger.redis.durability import Keeping
from tests.builders import NOW
from tests.ledger.moving_address import follow
from tests.ledger.world import a_ledger, a_new_order
from tests.redis_server import RedisServer


@pytest.fixture
def replica(mortal_redis: RedisServer, tmp_path_factory: pytest.TempPathFactory) -> Iterator[RedisServer]:
    server = RedisServer(tmp_path_factory.mktemp("replica"))
    follow(mortal_redis, server)
    yield server
    server.close()


def test_an_answered_order_is_on_the_replica(mortal_redis: RedisServer, replica: RedisServer) -> None:
    order = a_new_order()
    a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)).accept(order, "key-1", "print")
    assert replica.client.exists(f"order:{order.ref}")


def test_without_its_replica_nothing_is_promised_and_the_same_request_is_answered_later(
    mortal_redis: RedisServer, replica: RedisServer
) -> None:
    ledger, order = a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)), a_new_order()
    replica.kill()
    with pytest.raises(TryAgain):
        ledger.accept(order, "key-1", "print")
    with pytest.raises(TryAgain):
        ledger.accept(a_new_order(cart_id=order.cart_id), "key-1", "print")
    replica.start()
    follow(mortal_redis, replica)
    again = a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)).accept(a_new_order(), "key-1", "print")
    assert again == Accepted(order.ref, NOW, replayed=True)
    assert replica.client.exists(f"order:{order.ref}")


def test_an_order_is_on_our_own_disk_though_no_replica_has_it_and_redis_forgot_the_script(
    mortal_redis: RedisServer, replica: RedisServer
) -> None:
    ledger, order = a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)), a_new_order()
    replica.kill()
    mortal_redis.client.script_flush()
    with pytest.raises(TryAgain):
        ledger.accept(order, "key-1", "print")
    assert ledger.load(order.ref).cart_id == order.cart_id


def test_a_replica_that_lags_behind_is_waited_for_by_whoever_is_asked_again(
    mortal_redis: RedisServer, replica: RedisServer
) -> None:
    first, other = (a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)) for _ in range(2))
    replica.pause()
    for ledger in (first, other):
        with pytest.raises(TryAgain):
            ledger.accept(a_new_order(), "key-1", "print")
    replica.resume()
    assert other.accept(a_new_order(), "key-1", "print").replayed


def test_orders_are_worked_on_without_the_replica(mortal_redis: RedisServer, replica: RedisServer) -> None:
    ledger, order = a_ledger(mortal_redis.url, keeping=Keeping(replicas=1)), a_new_order()
    ledger.accept(order, "key-1", "print")
    replica.kill()
    order = ledger.load(order.ref)
    assert ledger.commit(order, order, []).version == 2
