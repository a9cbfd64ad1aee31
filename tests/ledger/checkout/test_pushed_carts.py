"""Pushed carts in Redis: so many bytes in all, gone with their tokens, and worth nothing to who reads Redis."""

from __future__ import annotations

import zlib
from datetime import timedelta

import pytest
import redis
from structlog.testing import capture_logs

from fallback.domain.checkout.cart_token import Signed
from fallback.domain.checkout.pushed_carts import PushedCart
from fallback.domain.errors import TryAgain
from fallback.ledger.checkout.pushed_carts import RedisPushedCarts
from fallback.ledger.redis import keys
from fallback.ledger.redis.crypto import Crypto
from tests.redis_server import RedisServer

HOUR = 3600
KEY = keys.pushed("basket-1")


@pytest.fixture
def client(redis_server: RedisServer) -> redis.Redis:
    return redis_server.client


def version(number: int, cart_id: str = "basket-1", hours: float = 24, size: int = 0) -> PushedCart:
    noise = "".join(f"{place * 2654435761 % 2**32:08x}" for place in range(size // 8))  # compresses to half
    return PushedCart(cart_id, f"print-{number}", number, timedelta(hours=hours), Signed("k", noise.encode()))


def counted(client: redis.Redis) -> int:
    return sum(int(size) for size in client.hvals(keys.PUSHED_BYTES))


def kept(client: redis.Redis) -> int:
    return sum(client.hstrlen(key, field) for key in client.scan_iter("pushed:*") for field in ("doc", "doc_before"))


def test_a_cart_is_gone_when_its_token_is(client: redis.Redis) -> None:
    carts = RedisPushedCarts(client, Crypto(["a secret"]))
    carts.keep(version(1, hours=2))
    assert 2 * HOUR - 60 < client.ttl(KEY) <= 2 * HOUR
    carts.keep(version(2, hours=1))  # the version before it is kept as long as it was
    assert 2 * HOUR - 60 < client.ttl(KEY) <= 2 * HOUR
    carts.keep(version(3, hours=5))
    assert 5 * HOUR - 60 < client.ttl(KEY) <= 5 * HOUR


def test_a_cart_whose_time_is_over_already_does_not_stay(client: redis.Redis) -> None:
    RedisPushedCarts(client, Crypto(["a secret"])).keep(version(1, hours=0))
    assert client.ttl(KEY) <= 1


def test_all_bytes_are_counted_also_of_versions_that_replace_others(client: redis.Redis) -> None:
    carts = RedisPushedCarts(client, Crypto(["a secret"]))
    for number in range(1, 6):
        carts.keep(version(number, hours=number, size=1_000 * number))
        carts.keep(version(number, "basket-2", size=500))
        assert counted(client) == kept(client) > 0
    carts.keep(version(5, size=9))
    carts.keep(version(4, size=9))
    assert counted(client) == kept(client)


def test_there_is_room_for_so_many_bytes_and_no_more(client: redis.Redis) -> None:
    carts = RedisPushedCarts(client, Crypto(["a secret"]), most_bytes=10_000)
    carts.keep(version(1, size=12_000))
    with capture_logs() as logs, pytest.raises(TryAgain, match="too many carts"):
        carts.keep(version(1, "basket-2", size=12_000))
    assert [(line["event"], line["bytes"]) for line in logs] == [("pushed_carts_full", 10_000)]
    assert not client.exists(keys.pushed("basket-2"))
    assert counted(client) == kept(client) < 10_000
    assert carts.keep(version(1, "basket-3", size=100))


def test_what_expired_makes_room(client: redis.Redis) -> None:
    carts = RedisPushedCarts(client, Crypto(["a secret"]), most_bytes=10_000)
    carts.keep(version(1, size=12_000))
    # As if three days had passed: the cart expired, and its hour is long over.
    [(hour, size)] = client.hgetall(keys.PUSHED_BYTES).items()
    client.delete(KEY, keys.PUSHED_BYTES)
    client.hset(keys.PUSHED_BYTES, int(hour) - 72, size)
    assert carts.keep(version(1, "basket-2", size=12_000))
    assert counted(client) == kept(client)


def test_the_figures_of_the_count_expire_too(client: redis.Redis) -> None:
    RedisPushedCarts(client, Crypto(["a secret"])).keep(version(1))
    assert 0 < client.ttl(keys.PUSHED_BYTES) <= 11 * 24 * HOUR


def test_a_full_memory_leaves_nothing_half_written(redis_server: RedisServer) -> None:
    carts = RedisPushedCarts(redis_server.client, Crypto(["a secret"]))
    carts.keep(version(1))
    redis_server.client.config_set("maxmemory", 1)
    try:
        with pytest.raises(TryAgain):
            carts.keep(version(2))
    finally:
        redis_server.client.config_set("maxmemory", 0)
    assert carts.find("basket-1", "print-1")
    assert counted(redis_server.client) == kept(redis_server.client)


def test_a_cart_that_names_its_customer_is_stored_encrypted(client: redis.Redis) -> None:
    claims = b'{"cart_id":"basket-1","customer":{"id":"4711","name":"Iris Murdoch"}}'
    pushed = PushedCart("basket-1", "print-1", 1, timedelta(hours=1), Signed("k", claims))
    assert RedisPushedCarts(client, Crypto(["a secret"])).keep(pushed)
    document: bytes = client.hget(KEY, "doc")
    assert b"Iris" not in document
    with pytest.raises(zlib.error):
        zlib.decompress(document)
    rotated = RedisPushedCarts(client, Crypto(["a new secret", "a secret"]))
    assert rotated.find("basket-1", "print-1") == pushed.signed
    assert RedisPushedCarts(client, Crypto(["a new secret"])).find("basket-1", "print-1") is None


def test_a_cart_of_the_release_before_is_read(client: redis.Redis) -> None:
    pushed = version(1)
    carts = RedisPushedCarts(client, Crypto(["a secret"]))
    carts.keep(pushed)
    assert zlib.decompress(client.hget(KEY, "doc"))
    assert carts.find("basket-1", "print-1") == pushed.signed
